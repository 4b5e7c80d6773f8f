import type { VirtualMachineSizeRecord } from '#core/records.js';
import { ALL_TENANTS, oneTenant } from '#core/scope.js';
import type { Database, Transaction } from '../database.js';
import type { RecordSink, SinkTarget } from '../record-sink.js';

/** Azure's sizes of virtual machines, shared by all tenants. How old they are is known from the windows that read them. */
export class VirtualMachineSizeRepository {
  constructor(private readonly database: Database) {}

  /** The sizes of some regions. */
  async ofRegions(regions: readonly string[]): Promise<VirtualMachineSizeRecord[]> {
    return this.database.query<VirtualMachineSizeRecord>(
      ALL_TENANTS,
      `SELECT region, name, family, v_cpus AS "vCpus", memory_gib AS "memoryGiB", max_data_disks AS "maxDataDisks",
              max_network_interfaces AS "maxNetworkInterfaces", premium_io AS "premiumIo",
              accelerated_networking AS "acceleratedNetworking", ephemeral_os_disk AS "ephemeralOsDisk", architecture,
              generations, uncached_iops AS "uncachedIops", uncached_bytes_per_second AS "uncachedBytesPerSecond",
              temporary_disk_mib AS "temporaryDiskMiB", is_restricted AS "isRestricted"
       FROM virtual_machine_sizes WHERE region = ANY($1::text[]) ORDER BY region, name`,
      [regions],
    );
  }

  /** Sizes as the sink of a window: only a complete read replaces those of a region. */
  openSink(target: SinkTarget): Promise<RecordSink<'virtual-machine-size'>> {
    const found: VirtualMachineSizeRecord[] = [];
    return Promise.resolve({
      add: async (records) => void found.push(...records),
      publish: (proof, checkpoint) =>
        this.database.transaction(oneTenant(target.tenantId), async (tx) => {
          const records = proof.complete ? found : [];
          for (const sizes of Map.groupBy(records, ({ region }) => region).values()) await replace(tx, sizes);
          const published = { rows: records.length, totals: [] };
          await checkpoint(tx, published);
          return published;
        }),
      discard: async () => undefined,
    });
  }
}

async function replace(tx: Transaction, records: readonly VirtualMachineSizeRecord[]): Promise<void> {
  const { region } = records[0]!;
  // Two tenants' workers may have read the same region: the second replaces what the first has put there.
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`azcops.sizes.${region}`]);
  await tx.query('DELETE FROM virtual_machine_sizes WHERE region = $1', [region]);
  await tx.query(
    `INSERT INTO virtual_machine_sizes (region, name, family, v_cpus, memory_gib, max_data_disks, max_network_interfaces,
       premium_io, accelerated_networking, ephemeral_os_disk, architecture, generations, uncached_iops,
       uncached_bytes_per_second, temporary_disk_mib, is_restricted)
     SELECT $1, f.name, f.family, f.v_cpus, f.memory_gib, f.max_data_disks, f.max_network_interfaces, f.premium_io,
       f.accelerated_networking, f.ephemeral_os_disk, f.architecture, string_to_array(f.generations, ','), f.uncached_iops,
       f.uncached_bytes_per_second, f.temporary_disk_mib, f.is_restricted
     FROM unnest($2::text[], $3::text[], $4::integer[], $5::float8[], $6::integer[], $7::integer[], $8::boolean[],
                 $9::boolean[], $10::boolean[], $11::text[], $12::text[], $13::integer[], $14::float8[], $15::integer[],
                 $16::boolean[])
       AS f (name, family, v_cpus, memory_gib, max_data_disks, max_network_interfaces, premium_io, accelerated_networking,
             ephemeral_os_disk, architecture, generations, uncached_iops, uncached_bytes_per_second, temporary_disk_mib,
             is_restricted)`,
    [
      region,
      records.map((record) => record.name),
      records.map((record) => record.family),
      records.map((record) => record.vCpus),
      records.map((record) => record.memoryGiB),
      records.map((record) => record.maxDataDisks),
      records.map((record) => record.maxNetworkInterfaces),
      records.map((record) => record.premiumIo),
      records.map((record) => record.acceleratedNetworking),
      records.map((record) => record.ephemeralOsDisk),
      records.map((record) => record.architecture),
      // An array of arrays would have to be rectangular.
      records.map((record) => record.generations.join(',')),
      records.map((record) => record.uncachedIops),
      records.map((record) => record.uncachedBytesPerSecond),
      records.map((record) => record.temporaryDiskMiB),
      records.map((record) => record.isRestricted),
    ],
  );
}
