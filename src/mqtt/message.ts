// What is handed to a broker, and the topics of one box. How a message gets there is the publisher's business. Pure.
import type { MqttSettings } from '../model/configuration.js';

/** QoS 1 throughout, but for the log: QoS 2 is refused by some brokers, and a broker that dies can repeat a message all the same. */
export interface Message {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

export interface BoxTopics {
  readonly status: string;
  readonly info: string;
  readonly state: string;
  readonly health: string;
  readonly link: string;
  readonly event: string;
  readonly report: string;
  readonly log: string;
  /** Of a watched target by its name, which is a level of a topic as it stands. */
  readonly target: (name: string) => string;
  /** Home Assistant's: what the box is, and where Home Assistant says that it is back. */
  readonly discovery: string;
  readonly birth: string;
}

export function computeTopics({ baseTopic, discoveryPrefix }: MqttSettings, id: string): BoxTopics {
  const box = `${baseTopic}/${id}`;
  return {
    status: `${box}/status`,
    info: `${box}/info`,
    state: `${box}/state`,
    health: `${box}/health`,
    link: `${box}/link`,
    event: `${box}/event`,
    report: `${box}/report`,
    log: `${box}/log`,
    target: (name) => `${box}/target/${name}/state`,
    discovery: `${discoveryPrefix}/device/${id}/config`,
    birth: `${discoveryPrefix}/status`,
  };
}
