// The shape of config.yaml as JSON Schema (2020-12): which keys there are, what they may be, and what they are where nobody says.
// What keys must be to each other is parse-configuration's business. docs/config.schema.json is this object, held by a test.
import { WEEKDAYS } from '../../model/configuration.js';
import { DEPTHS } from '../../model/examination.js';
import { LOOPBACK_ADDRESS } from '../../model/loopback.js';
import { SEGMENTS } from '../../model/monitor.js';
import { DEFAULT_REQUESTS, REQUEST_VERBS } from '../../model/mqtt-request.js';
import { PART_PORTS } from '../../model/parts.js';
import { VIA_CHOICES } from '../../model/path.js';

/** Descriptions complete the sentence that refuses what does not match: "… must be …". */
const NAME = {
  type: 'string',
  pattern: '^[a-z0-9_-]{1,32}$',
  description: '1 to 32 of a-z, 0-9, _ and -',
} as const;
const TIME_OF_DAY = {
  type: 'string',
  pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
  description: 'a time of day such as "07:30", in quotes',
} as const;

export const MOST_TARGETS = 32;
/** With less the largest probe, answered by the same, takes more than 20 kbit/s with its Ethernet headers. */
export const LEAST_INTERVAL_MS = 100;

const THRESHOLDS = {
  default: 'learn',
  if: { type: 'object' },
  then: {
    type: 'object',
    description: 'at least one of rttMs, lossPercent and jitterMs',
    additionalProperties: false,
    minProperties: 1,
    properties: {
      rttMs: { type: 'number', exclusiveMinimum: 0, maximum: 60_000 },
      lossPercent: { type: 'number', exclusiveMinimum: 0, maximum: 100 },
      jitterMs: { type: 'number', exclusiveMinimum: 0, maximum: 60_000 },
    },
  },
  else: { const: 'learn', description: 'learn, or rttMs, lossPercent and jitterMs' },
} as const;

const TARGET = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'address'],
  properties: {
    name: NAME,
    address: { type: 'string', minLength: 1, maxLength: 255 },
    via: { enum: VIA_CHOICES, default: 'auto' },
    port: {
      type: 'string',
      pattern: '^[^\\s/]{1,15}$',
      description: 'the name of a network port such as eth0',
    },
    segment: { enum: SEGMENTS },
    intervalMs: { type: 'integer', minimum: LEAST_INTERVAL_MS, maximum: 60_000, default: 500 },
    depth: { enum: DEPTHS, default: 'deep' },
    thresholds: THRESHOLDS,
    enabled: { type: 'boolean', default: true },
  },
} as const;

const JOB = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'at'],
  properties: {
    name: NAME,
    at: { type: 'string', minLength: 1, maxLength: 100 },
    targets: { type: 'array', maxItems: MOST_TARGETS, uniqueItems: true, items: NAME, default: [] },
    depth: { enum: DEPTHS, default: 'deep' },
    enabled: { type: 'boolean', default: true },
  },
} as const;

const QUIET_HOURS = {
  type: 'object',
  additionalProperties: false,
  required: ['from', 'to'],
  properties: {
    from: TIME_OF_DAY,
    to: TIME_OF_DAY,
    days: { type: 'array', uniqueItems: true, items: { enum: WEEKDAYS }, default: [] },
  },
} as const;

const BUDGET = {
  type: 'object',
  additionalProperties: false,
  default: {},
  properties: {
    dayMb: { type: 'number', minimum: 0, maximum: 1_000_000, default: 200 },
    monthMb: { type: 'number', minimum: 0, maximum: 10_000_000, default: 2_000 },
    linkSharePercent: { type: 'number', minimum: 1, maximum: 100, default: 100 },
  },
} as const;

const RETENTION = {
  type: 'object',
  additionalProperties: false,
  default: {},
  properties: {
    maxMb: { type: 'integer', minimum: 32, maximum: 1_000_000, default: 512 },
    days: { type: 'integer', minimum: 14, maximum: 4_000, default: 400 },
  },
} as const;

const PEM_PATH = {
  type: 'string',
  pattern: '^/[^\\u0000-\\u001f]{1,4000}$',
  description: 'the whole path of a PEM file, such as /etc/apparenet/tls.pem',
} as const;
const TCP_PORT = { type: 'integer', minimum: 1, maximum: 65_535 } as const;

const SERVER = {
  type: 'object',
  additionalProperties: false,
  default: {},
  properties: {
    listen: { type: 'string', minLength: 1, maxLength: 64, default: LOOPBACK_ADDRESS },
    apiPort: { ...TCP_PORT, default: PART_PORTS.as },
    pagePort: { ...TCP_PORT, default: PART_PORTS.ui },
    tlsCertificate: PEM_PATH,
    tlsKey: PEM_PATH,
    plainHttp: { type: 'boolean', default: false },
  },
} as const;

/** Levels of a topic; the brokers' own, with $, and wildcards are no place to publish. */
const TOPIC = {
  type: 'string',
  maxLength: 64,
  pattern: '^[A-Za-z0-9_.:-]+(/[A-Za-z0-9_.:-]+)*$',
  description: 'a topic without wildcards, such as site/apparenet',
} as const;
const FILE = {
  type: 'string',
  maxLength: 255,
  pattern: '^/[^\\u0000-\\u001f]+$',
  description: 'the whole path of a file, from / on',
} as const;

const MQTT = {
  type: 'object',
  additionalProperties: false,
  default: {},
  properties: {
    enabled: { type: 'boolean', default: false },
    url: { type: 'string', minLength: 1, maxLength: 255 },
    version: { enum: ['3.1.1', 5], default: '3.1.1' },
    id: { type: 'string', pattern: '^[a-z0-9_-]{1,40}$', description: '1 to 40 of a-z, 0-9, _ and -' },
    name: {
      type: 'string',
      pattern: '^[^\\u0000-\\u001f\\u007f]{1,64}$',
      description: '1 to 64 characters without line breaks',
    },
    baseTopic: { ...TOPIC, default: 'apparenet' },
    credentialsFile: FILE,
    caFile: FILE,
    fingerprint: {
      type: 'string',
      pattern: '^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$',
      description: 'the SHA-256 fingerprint of a certificate: 32 bytes in hexadecimal, in quotes',
    },
    certificateFile: FILE,
    keyFile: FILE,
    homeAssistant: { type: 'boolean', default: true },
    discoveryPrefix: { ...TOPIC, default: 'homeassistant' },
    spool: {
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        maxMb: { type: 'number', minimum: 1, maximum: 10_000, default: 32 },
        maxDays: { type: 'number', minimum: 1, maximum: 400, default: 30 },
      },
    },
    requests: {
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: {
        allow: { type: 'array', uniqueItems: true, items: { enum: REQUEST_VERBS }, default: DEFAULT_REQUESTS },
        anyAddress: { type: 'boolean', default: false },
      },
    },
  },
} as const;

export const CONFIG_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'appareNet configuration, /etc/apparenet/config.yaml',
  type: 'object',
  additionalProperties: false,
  properties: {
    timeZone: { type: 'string', minLength: 1, maxLength: 64 },
    targets: { type: 'array', maxItems: MOST_TARGETS, items: TARGET, default: [] },
    schedule: { type: 'array', maxItems: MOST_TARGETS, items: JOB, default: [] },
    quietHours: { type: 'array', maxItems: MOST_TARGETS, items: QUIET_HOURS, default: [] },
    budget: BUDGET,
    retention: RETENTION,
    server: SERVER,
    mqtt: MQTT,
  },
} as const;
