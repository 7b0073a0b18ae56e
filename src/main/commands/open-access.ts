// Users and tokens for the command line: through the running server where there is one, since it keeps them in memory, else in its
// file.
import { join } from 'node:path';
import { findStateFolder } from '../../box/abilities-store.js';
import type { AccessAdministration, KnownToken, KnownUser } from '../../cli/services.js';
import { DeviceError } from '../../model/errors.js';
import { Accounts } from '../../server/access/accounts.js';
import { askLocalApi } from './ask-local-api.js';
import { createForbidden, findLocalSocketPath } from './find-local-server.js';

/** @throws PermissionError where a server runs whose socket file this user may not open. */
export async function openAccess(stateDir: string | undefined): Promise<AccessAdministration> {
  const socket = findLocalSocketPath(stateDir);
  const access = askServer(socket);
  try {
    await access.listUsers();
    return access;
  } catch (error) {
    if (!(error instanceof DeviceError) || error.code !== 'peer.unreachable') throw error;
    const cause = error.cause as NodeJS.ErrnoException | undefined;
    if (cause?.code === 'EACCES' || cause?.code === 'EPERM') throw createForbidden(socket, error);
    return changeFile(join(stateDir ?? findStateFolder(), 'access.json'));
  }
}

function askServer(asSocketPath: string): AccessAdministration {
  const ask = (method: string, way: string, body?: object) =>
    askLocalApi({ port: 0, asSocketPath }, { method, path: `/api/v1/${way}`, ...(body ? { body } : {}) });
  return {
    file: null,
    listUsers: async () => ((await ask('GET', 'users')) as { users: KnownUser[] }).users,
    addUser: async (user) => {
      await ask('POST', 'users', user);
    },
    removeUser: async (name) => {
      await ask('DELETE', `users/${encodeURIComponent(name)}`);
    },
    setPassword: async (name, password) => {
      await ask('PUT', `users/${encodeURIComponent(name)}/password`, { password });
    },
    listTokens: async () => ((await ask('GET', 'tokens')) as { tokens: KnownToken[] }).tokens,
    createToken: async (name, role) =>
      (await ask('POST', 'tokens', { name, role })) as KnownToken & { readonly token: string },
    removeToken: async (id) => {
      await ask('DELETE', `tokens/${encodeURIComponent(id)}`);
    },
    readClaimCode: async () => ((await ask('GET', 'claim')) as { claimCode: string | null }).claimCode,
  };
}

/** For a server that does not run: it reads the file when it starts. */
function changeFile(file: string): AccessAdministration {
  const accounts = new Accounts(file);
  return {
    file,
    listUsers: () => Promise.resolve(accounts.listUsers()),
    addUser: async (user) => {
      await accounts.addUser(user, Date.now());
    },
    removeUser: (name) => attempt(() => accounts.removeUser(name)),
    setPassword: (name, password) => accounts.setPassword(name, password),
    listTokens: () => Promise.resolve(accounts.listTokens()),
    createToken: async (name, role) => {
      const { text: token, ...facts } = await accounts.createToken(name, role, Date.now());
      return { ...facts, token };
    },
    removeToken: (id) => attempt(() => accounts.removeToken(id)),
    readClaimCode: () => {
      if (accounts.isClaimed) return Promise.resolve(null);
      const message = 'no analysis server runs here; it draws a claim code when it starts';
      return Promise.reject(new DeviceError('peer.unreachable', message));
    },
  };
}

/** What is done at once, and its errors, as the interface has them. */
function attempt(act: () => void): Promise<void> {
  return new Promise((resolve) => {
    act();
    resolve();
  });
}
