// Whether anybody accepts a connection on a TCP port; the connection is closed at once, nothing is sent over it.
import { connect } from 'node:net';

/** `silent`: no answer in time, or no way there. */
export type TcpPortState = 'open' | 'closed' | 'silent';

export function openTcpPort(address: string, port: number, timeoutMs: number): Promise<TcpPortState> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: timeoutMs });
    const end = (state: TcpPortState): void => {
      socket.destroy();
      resolve(state);
    };
    socket.once('connect', () => end('open'));
    socket.once('timeout', () => end('silent'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED' ? 'closed' : 'silent'));
  });
}
