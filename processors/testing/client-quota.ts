/** Sets the quota of one client id on a real broker, by the broker's own tool. */
import { runKafkaTool } from '../../deploy/local/tools.js';

export interface ClientQuota {
  readonly consumer_byte_rate?: number;
  readonly producer_byte_rate?: number;
}

export async function setClientQuota(
  brokers: readonly string[],
  clientId: string,
  quota: ClientQuota,
): Promise<void> {
  const config = Object.entries(quota)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
  const { code, stdout, stderr } = await runKafkaTool('kafka.admin.ConfigCommand', [
    '--bootstrap-server',
    brokers.join(','),
    '--alter',
    '--entity-type',
    'clients',
    '--entity-name',
    clientId,
    '--add-config',
    config,
  ]);
  if (code !== 0) throw new Error(`kafka-configs: ${stdout}${stderr}`);
}
