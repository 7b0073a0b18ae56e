// Topics of MQTT on which boxes speak: BASE/BOX/KIND and BASE/BOX/target/NAME/state, as src/mqtt/message.ts composes them.

const BOX = /^[a-z0-9_-]{1,40}$/;
const TARGET = /^[a-z0-9_-]{1,32}$/;

export const BOX_TOPIC_KINDS = ['status', 'info', 'state', 'health', 'link', 'target', 'event', 'report'] as const;
export type BoxTopicKind = (typeof BOX_TOPIC_KINDS)[number];

export interface BoxTopic {
  readonly box: string;
  readonly kind: BoxTopicKind;
  /** With the kind `target`. */
  readonly target: string | null;
}

/** null for topics that no box speaks on, or that say nothing to a console. */
export function parseBoxTopic(baseTopic: string, topic: string): BoxTopic | null {
  if (!topic.startsWith(`${baseTopic}/`)) return null;
  const [box = '', word = '', target, last, ...more] = topic.slice(baseTopic.length + 1).split('/');
  const kind = BOX_TOPIC_KINDS.find((one) => one === word);
  if (!BOX.test(box) || kind === undefined || more.length > 0) return null;
  if (kind !== 'target') return target === undefined ? { box, kind, target: null } : null;
  return target !== undefined && TARGET.test(target) && last === 'state' ? { box, kind, target } : null;
}
