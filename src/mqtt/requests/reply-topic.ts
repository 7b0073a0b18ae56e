// Where a request is answered. Pure.
import { UsageError } from '../../model/errors.js';
import type { MqttSettings } from '../../model/configuration.js';

const MOST_LENGTH = 256;

/**
 * Of MQTT 5's response topic. The box may write where who asks may not: so it does not lend its name for topics of boxes other than
 * those of answers, nor for Home Assistant's. @throws UsageError
 */
export function checkReplyTopic(topic: string, { baseTopic, discoveryPrefix }: MqttSettings): string {
  const isTopic = /^[^$#+\u0000-\u001f\u007f][^#+\u0000-\u001f\u007f]*$/.test(topic) && topic.length <= MOST_LENGTH;
  const isOurs = [baseTopic, discoveryPrefix].some((prefix) => topic === prefix || topic.startsWith(`${prefix}/`));
  const isForAnswers =
    /^[^/]+\/response\/./.test(topic.slice(baseTopic.length + 1)) && topic.startsWith(`${baseTopic}/`);
  if (isTopic && (!isOurs || isForAnswers)) return topic;
  throw new UsageError('usage.argument', 'the response topic is not one for answers');
}
