// `apparenet access`: who may use the API and the page. On the box itself it needs no password, so that it is also the way in
// after a lost one.
import { Option, type Command } from 'commander';
import { ROLES, type Role } from '../../model/access-role.js';
import { writeJson, writeNote, type CommandContext } from '../command-context.js';
import { alignRows } from '../layout.js';
import type { AccessAdministration } from '../services.js';
import { addJsonOption } from './examination-options.js';

const HELP = `
Examples:
  sudo apparenet access claim-code                        makes whoever types it on the page the first admin
  sudo apparenet access users add ann --role admin        asks for a password, or reads it from stdin
  sudo apparenet access users passwd ann                  after a lost one
  sudo apparenet access tokens add prometheus             prints the token, once

The running server is asked through its socket file; where none runs, its file is changed.`;

interface AccessOptions {
  readonly stateDir?: string;
  readonly json?: true;
}
interface RoleOptions extends AccessOptions {
  readonly role: Role;
}

export function addAccess(program: Command, context: CommandContext): void {
  const access = program
    .command('access')
    .summary('who may use the API and the page')
    .description('Lists and changes the users and tokens of the analysis server.')
    .addHelpText('after', HELP);
  addUsers(access.command('users').description('people with a password'), context);
  addTokens(access.command('tokens').description('programs with a token'), context);
  addAccessOptions(access.command('claim-code').description('the code that makes its reader the first admin'))
    .addHelpText('after', '\nExample:\n  sudo apparenet access claim-code')
    .action(async (options: AccessOptions) => {
      const claimCode = await (await context.services.openAccess(options.stateDir)).readClaimCode();
      if (options.json) writeJson(context, { claimCode });
      else if (claimCode === null) writeNote(context, 'somebody has a password already: there is no claim code');
      else context.terminal.out.write(`${claimCode}\n`);
    });
}

function addUsers(users: Command, context: CommandContext): void {
  addAccessOptions(users.command('list').description('all users'))
    .addHelpText('after', '\nExample:\n  sudo apparenet access users list')
    .action(async ({ stateDir, json }: AccessOptions) => {
      const known = await (await context.services.openAccess(stateDir)).listUsers();
      const rows = known.map(({ name, role, createdAt }) => [name, role, createdAt]);
      if (json) writeJson(context, { users: known });
      else writeTable(context, ['name', 'role', 'since'], rows, 'nobody has a password yet');
    });
  addRoleOption(users.command('add <NAME>').description('let somebody in'), 'admin')
    .addHelpText('after', '\nExample:\n  sudo apparenet access users add bob --role viewer')
    .action(async (name: string, { role, stateDir }: RoleOptions) => {
      const access = await context.services.openAccess(stateDir);
      await access.addUser({ name, role, password: await context.services.readNewPassword(name) });
      noteKept(context, access);
    });
  addAccessOptions(users.command('remove <NAME>').description('let somebody in no longer; their sessions end'))
    .addHelpText('after', '\nExample:\n  sudo apparenet access users remove bob')
    .action(async (name: string, { stateDir }: AccessOptions) => {
      const access = await context.services.openAccess(stateDir);
      await access.removeUser(name);
      noteKept(context, access);
    });
  addAccessOptions(users.command('passwd <NAME>').description('a new password; their sessions end'))
    .addHelpText('after', '\nExample:\n  sudo apparenet access users passwd ann')
    .action(async (name: string, { stateDir }: AccessOptions) => {
      const access = await context.services.openAccess(stateDir);
      await access.setPassword(name, await context.services.readNewPassword(name));
      noteKept(context, access);
    });
}

function addTokens(tokens: Command, context: CommandContext): void {
  addAccessOptions(tokens.command('list').description('all tokens, without what they are'))
    .addHelpText('after', '\nExample:\n  sudo apparenet access tokens list')
    .action(async ({ stateDir, json }: AccessOptions) => {
      const known = await (await context.services.openAccess(stateDir)).listTokens();
      const rows = known.map(({ id, name, role, createdAt }) => [id, name, role, createdAt]);
      if (json) writeJson(context, { tokens: known });
      else writeTable(context, ['id', 'for', 'role', 'since'], rows, 'no program has a token');
    });
  addRoleOption(tokens.command('add <FOR>').description('a token for a program; it is shown only now'), 'viewer')
    .addHelpText('after', '\nExample:\n  sudo apparenet access tokens add prometheus')
    .action(async (name: string, { role, stateDir, json }: RoleOptions) => {
      const access = await context.services.openAccess(stateDir);
      const created = await access.createToken(name, role);
      if (json) writeJson(context, created);
      else context.terminal.out.write(`${created.token}\n`);
      noteKept(context, access);
    });
  addAccessOptions(tokens.command('revoke <ID>').description('worth nothing from now on'))
    .addHelpText('after', '\nExample:\n  sudo apparenet access tokens revoke k7m2p9qx')
    .action(async (id: string, { stateDir }: AccessOptions) => {
      const access = await context.services.openAccess(stateDir);
      await access.removeToken(id);
      noteKept(context, access);
    });
}

function addAccessOptions(command: Command): Command {
  const place = 'where state and sockets are, if not in their usual place';
  return addJsonOption(command.option('--state-dir <folder>', place));
}

function addRoleOption(command: Command, usual: Role): Command {
  const option = new Option('--role <role>', 'admin changes things, viewer looks').choices(ROLES).default(usual);
  return addAccessOptions(command.addOption(option));
}

function writeTable(context: CommandContext, head: string[], rows: string[][], none: string): void {
  if (rows.length === 0) writeNote(context, none);
  else context.terminal.out.write(`${alignRows([head, ...rows]).join('\n')}\n`);
}

function noteKept(context: CommandContext, { file }: AccessAdministration): void {
  writeNote(context, file === null ? 'done' : `saved in ${file}; no analysis server runs that would know it already`);
}
