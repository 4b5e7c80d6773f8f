import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import { Timestamps } from './timestamps.js';

/** A size of virtual machine in a region, the same for all tenants. */
@Entity('virtual_machine_sizes')
@Check('virtual_machine_sizes_architecture_ck', `architecture IN ('x64', 'Arm64')`)
export class VirtualMachineSize extends Timestamps {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'virtual_machine_sizes_pk' })
  region: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'virtual_machine_sizes_pk' })
  name: string;

  @Column({ type: 'text' })
  family: string;

  @Column({ name: 'v_cpus', type: 'integer' })
  vCpus: number;

  @Column({ name: 'memory_gib', type: 'double precision' })
  memoryGiB: number;

  @Column({ name: 'max_data_disks', type: 'integer', nullable: true })
  maxDataDisks: number | null;

  @Column({ name: 'max_network_interfaces', type: 'integer', nullable: true })
  maxNetworkInterfaces: number | null;

  @Column({ name: 'premium_io', type: 'boolean' })
  premiumIo: boolean;

  @Column({ name: 'accelerated_networking', type: 'boolean' })
  acceleratedNetworking: boolean;

  @Column({ name: 'ephemeral_os_disk', type: 'boolean' })
  ephemeralOsDisk: boolean;

  @Column({ type: 'text' })
  architecture: string;

  @Column({ type: 'text', array: true })
  generations: string[];

  @Column({ name: 'uncached_iops', type: 'integer', nullable: true })
  uncachedIops: number | null;

  @Column({ name: 'uncached_bytes_per_second', type: 'double precision', nullable: true })
  uncachedBytesPerSecond: number | null;

  @Column({ name: 'temporary_disk_mib', type: 'integer', nullable: true })
  temporaryDiskMiB: number | null;

  /** Not to be had by the subscription that was asked. */
  @Column({ name: 'is_restricted', type: 'boolean' })
  isRestricted: boolean;
}
