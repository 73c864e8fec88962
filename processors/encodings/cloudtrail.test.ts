import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Encoding } from '../../schemas/encoding.js';
import { foldRows, inputRow } from '../replay/fold.fixture.js';

const CLOUDTRAIL = JSON.parse(
  readFileSync(new URL('../../schemas/encodings/cloudtrail.json', import.meta.url), 'utf8'),
) as Encoding;

describe('the CloudTrail encoding', () => {
  it('tells the story of an SSM parameter: put, put, delete', () => {
    const steps: [string, string][] = [
      [
        'ssm.PutParameter',
        '{"requestParameters":{"name":"/db/url","overwrite":false,"tier":"Standard","type":"String","value":"a"},"responseElements":{"tier":"Standard","version":1}}',
      ],
      [
        'ssm.PutParameter',
        '{"requestParameters":{"name":"/db/url","overwrite":true,"type":"String","value":"b"},"responseElements":{"tier":"Standard","version":2}}',
      ],
      ['ssm.DeleteParameter', '{"requestParameters":{"name":"/db/url"},"responseElements":null}'],
    ];
    const { rows } = foldRows(
      CLOUDTRAIL,
      steps.map(([eventType, payload], i) =>
        inputRow({
          entityType: 'ssm.parameter',
          entityId: '/db/url',
          eventId: `${i}`,
          eventType,
          payload,
          occurredAt: BigInt(i),
        }),
      ),
    );
    expect(rows.map((row) => [row.state, row.exists])).toEqual([
      ['{"name":"/db/url","type":"String","value":"a","version":1,"tier":"Standard","overwrite":false}', 1],
      ['{"name":"/db/url","type":"String","value":"b","version":2,"tier":"Standard","overwrite":true}', 1],
      ['{}', 0],
    ]);
    expect(rows[1]!.diff).toBe(
      '[{"field":"value","before":"a","after":"b","operation":"modified"},' +
        '{"field":"version","before":1,"after":2,"operation":"modified"},' +
        '{"field":"overwrite","before":false,"after":true,"operation":"modified"}]',
    );
  });

  it('folds each item of a record into its own instance', () => {
    const payload =
      '{"responseElements":{"instancesSet":{"items":[{"imageId":"ami-1","instanceId":"i-1"},{"imageId":"ami-2","instanceId":"i-2"}]}}}';
    const { rows } = foldRows(
      CLOUDTRAIL,
      ['i-1', 'i-2'].map((entityId, n) =>
        inputRow({
          entityHash: BigInt(n),
          entityType: 'ec2.instance',
          entityId,
          n,
          eventType: 'ec2.RunInstances',
          payload,
        }),
      ),
    );
    expect(rows.map((row) => row.state)).toEqual([
      '{"instanceId":"i-1","imageId":"ami-1"}',
      '{"instanceId":"i-2","imageId":"ami-2"}',
    ]);
  });
});
