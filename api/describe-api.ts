/** The API description without a running pipeline: the app is built from parts that answer nothing, and asked for it. */
import Value from 'typebox/value';
import { createTelemetry } from '../processors/telemetry.js';
import { Config } from '../schemas/config.js';
import { buildApp } from './app.js';
import type { ApiDeps } from './context.js';

/** Says the same for each release: no version of the package, no setting of this machine. */
const API_VERSION = '1';

export async function describeApi(): Promise<object> {
  const known: Partial<ApiDeps> = {
    config: Value.Default(Config, { http: { secret: 'signs nothing' } }) as Config,
    version: API_VERSION,
    telemetry: createTelemetry({ level: 'silent', env: {} }),
  };
  const deps = new Proxy(known, { get: (target, name) => Reflect.get(target, name) ?? nothing() });
  const app = buildApp(deps as ApiDeps);
  try {
    await app.ready();
    return app.swagger();
  } finally {
    await app.close();
  }
}

/** A part of the pipeline that has every member and does nothing: routes only keep it. */
function nothing(): object {
  const part: object = new Proxy(() => part, {
    get: (_target, name) => (name === 'then' || typeof name === 'symbol' ? undefined : part),
  });
  return part;
}
