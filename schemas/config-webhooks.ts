/** The `webhooks` section of the configuration: where signed messages may go, and how often they are tried. */
import { Type } from 'typebox';

const int = (value: number, description: string, minimum = 1, maximum = Number.MAX_SAFE_INTEGER) =>
  Type.Integer({ default: value, minimum, maximum, description });

export const WebhooksConfig = Type.Object(
  {
    perTenantMax: int(20, 'Webhooks of a tenant', 1, 10_000),
    allowHttp: Type.Boolean({
      default: false,
      description: 'Take http URLs too: what is sent can be read and changed on its way',
    }),
    allowNetworks: Type.Array(Type.String({ minLength: 3, maxLength: 50 }), {
      default: [],
      description:
        'Networks (10.1.0.0/16) of receivers that are not public; all other private, link-local and reserved addresses are refused',
    }),
    timeoutMs: int(10_000, 'A receiver that has not answered for so long has failed', 100, 120_000),
    answerMaxBytes: int(16_384, 'Bytes of an answer that are read (and forgotten)', 0, 1 << 20),
    atOnce: int(4, 'Messages that one process sends at the same time, one to each receiver', 1, 100),
    pollMs: int(1_000, 'How often a process looks for something to send', 20, 60_000),
    attemptsMax: int(10, 'Tries of a message before it is given up', 1, 100),
    retryFirstMs: int(5_000, 'Wait before the second try; each further wait is four times as long', 10),
    retryLongestMs: int(6 * 3_600_000, 'Longest wait between two tries', 10),
    eventMaxAgeHours: int(72, 'What happened longer ago is not sent for the first time any more'),
  },
  { additionalProperties: false, default: {} },
);
