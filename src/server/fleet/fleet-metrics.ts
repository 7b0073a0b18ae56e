// The console's figures for Prometheus: of the fleet as a whole. What each box measures its own /metrics tells.
import type { FastifyInstance } from 'fastify';
import { ATTENTIONS, PRESENCES } from '../../model/fleet.js';
import { encodeMetrics, METRICS_TYPE } from '../http/metrics-text.js';
import type { MetricFamily } from '../http/metrics-text.js';
import { problemReplies } from '../http/problem-replies.js';
import type { FleetSource } from './fleet-source.js';

export function addFleetMetricsRoute(app: FastifyInstance, fleet: FleetSource): void {
  const summary = 'Figures in the text format of Prometheus';
  const text = { description: summary, content: { 'text/plain': { schema: { type: 'string' } } } };
  const schema = { tags: ['metrics'], operationId: 'readMetrics', summary };
  app.get('/metrics', { schema: { ...schema, response: { 200: text, ...problemReplies(401) } } }, (_request, reply) =>
    reply.type(METRICS_TYPE).send(encodeMetrics(listFamilies(fleet))),
  );
}

function listFamilies(fleet: FleetSource): MetricFamily[] {
  const boxes = fleet.listBoxes();
  const { connected, messages, faults } = fleet.readStanding();
  return [
    {
      ...{ name: 'apparenet_fleet_boxes', type: 'gauge', help: 'Boxes that were heard, by whether they are there.' },
      samples: PRESENCES.map((presence) => ({
        labels: { presence },
        value: boxes.filter((box) => box.presence === presence).length,
      })),
    },
    {
      ...{ name: 'apparenet_fleet_attention', type: 'gauge', help: 'Boxes by what of them asks for a person.' },
      samples: ATTENTIONS.map((attention) => ({
        labels: { attention },
        value: boxes.filter((box) => box.attention === attention).length,
      })),
    },
    {
      ...{ name: 'apparenet_fleet_open_incidents', type: 'gauge', help: 'Incidents that are open, of all boxes.' },
      samples: [{ value: fleet.countOpenIncidents() }],
    },
    {
      ...{ name: 'apparenet_console_connected', type: 'gauge', help: '1 where the console has its broker.' },
      samples: [{ value: connected ? 1 : 0 }],
    },
    {
      ...{ name: 'apparenet_console_messages_total', type: 'counter', help: 'Messages from the broker.' },
      samples: [{ value: messages }],
    },
    {
      ...{ name: 'apparenet_console_faults_total', type: 'counter', help: 'Messages of boxes that could not be read.' },
      samples: [{ value: faults }],
    },
  ];
}
