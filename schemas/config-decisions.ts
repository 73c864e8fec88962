/** The `decisionLogs` and `logReplay` sections of the configuration: policy decisions coming in, and their replay. */
import { type TSchema, Type } from 'typebox';

const section = <T extends Record<string, TSchema>>(properties: T) =>
  Type.Object(properties, { additionalProperties: false, default: {} });
const text = (value: string, description: string) => Type.String({ default: value, description });
const int = (value: number, description: string, minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
  Type.Integer({ default: value, minimum, maximum, description });

export const DecisionLogsConfig = section({
  topic: text('rewind.decision-logs', 'Topic that uploaded decision logs are written to, as our AuditEvent'),
  inflatedMaxBytes: int(32 << 20, 'Largest upload after unpacking', 1024, 1 << 30),
  keyPath: Type.String({
    default: '',
    pattern: '^(/.*)?$',
    description:
      'JSON pointer into a decision, as /input/user: its value is the record key and entity id; empty: the decision id',
  }),
});
