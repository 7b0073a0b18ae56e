// Whether anybody accepts a connection on a TCP port. Nothing is sent over it, and it is closed politely: a reset could
// frighten a poorly written server.
import { connect } from 'node:net';

/** `silent`: no answer in time, or no way there. */
export type TcpPortState = 'open' | 'closed' | 'silent';

export function openTcpPort(address: string, port: number, timeoutMs: number): Promise<TcpPortState> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: timeoutMs });
    socket.once('connect', () => {
      socket.resume().end();
      resolve('open');
    });
    // Also ends a connection that the other side does not close.
    socket.once('timeout', () => {
      socket.destroy();
      resolve('silent');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED' ? 'closed' : 'silent'));
  });
}
