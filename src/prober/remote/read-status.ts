// What the sequencer says of itself, over its control socket.
import { parsePortNeighbours } from '../../sequencer/control/link-evidence-message.js';
import { parseCount, parseObject } from '../../sequencer/control/messages.js';
import type { ControlStatus } from '../../sequencer/control/messages.js';
import { ControlClient, readReplyText } from './control-client.js';

/** @throws DeviceError `peer.unreachable`, PermissionError or ProtocolError `protocol.version`, as ControlClient.connect. */
export async function readStatus(socketPath: string, signal?: AbortSignal): Promise<ControlStatus> {
  const client = await ControlClient.connect(socketPath, signal);
  try {
    const { header } = await client.request({ type: 'status' }, { expects: 'status' });
    const status = parseObject(header['status'], 'status');
    readReplyText(status, 'version');
    readReplyText(status, 'networkNamespace');
    parseCount(status['uptimeSec'], 'uptimeSec');
    const neighbours = parsePortNeighbours(status['neighbours']);
    return { ...(status as unknown as ControlStatus), neighbours };
  } finally {
    client.destroy();
  }
}
