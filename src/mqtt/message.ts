// What is handed to a broker, and the topics of one box. How a message gets there is the publisher's business. Pure.
import type { MqttSettings } from '../model/configuration.js';

/** QoS 1 throughout, but for the log: QoS 2 is refused by some brokers, and a broker that dies can repeat a message all the same. */
export interface Message {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** MQTT 5's correlation data; goes along with that version only. */
  readonly correlation?: Buffer;
}

/** What somebody else published. */
export interface Incoming {
  readonly topic: string;
  readonly payload: Buffer;
  /** Kept by the broker from earlier, or to be kept. */
  readonly isRetained: boolean;
  /** MQTT 5: where and with what to answer. */
  readonly responseTopic?: string;
  readonly correlation?: Buffer;
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
  readonly update: string;
  /** Where requests arrive, with the verb as the last level; the filter for all of them; and where they are answered. */
  readonly request: (verb: string) => string;
  readonly requests: string;
  readonly response: (verb: string) => string;
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
    update: `${box}/update`,
    request: (verb) => `${box}/request/${verb}`,
    requests: `${box}/request/+`,
    response: (verb) => `${box}/response/${verb}`,
    target: (name) => `${box}/target/${name}/state`,
    discovery: `${discoveryPrefix}/device/${id}/config`,
    birth: `${discoveryPrefix}/status`,
  };
}
