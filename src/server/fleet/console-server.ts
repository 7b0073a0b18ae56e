// The analysis server as a console serves it: the same doors and log-in, with the fleet in the place of one box.
import { openDoors } from '../api-doors.js';
import type { DoorOptions, Doors } from '../api-doors.js';
import { addFleetEventRoute } from './fleet-events.js';
import type { FleetFeed } from './fleet-events.js';
import { addFleetMetricsRoute } from './fleet-metrics.js';
import { addFleetRoutes } from './fleet-routes.js';
import type { FleetSource } from './fleet-source.js';

export interface ConsoleServerOptions extends DoorOptions {
  readonly fleet: FleetSource;
  readonly events: FleetFeed;
}

/** @throws DeviceError `device.busy` when the port is taken, PermissionError when it may not be had. */
export function startConsoleServer({ fleet, events, ...doors }: ConsoleServerOptions): Promise<Doors> {
  return openDoors(doors, (app) => {
    addFleetRoutes(app, fleet);
    addFleetEventRoute(app, events);
    addFleetMetricsRoute(app, fleet);
  });
}
