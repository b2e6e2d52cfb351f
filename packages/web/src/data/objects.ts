/** The objects of the ordinary API, as far as the page reads them. */
import type { MetricThreshold, Point } from "./metrics.ts";

export interface Meta {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly annotations?: Readonly<Record<string, string>> | null;
  readonly created_by?: string;
}

export interface Reference {
  readonly name: string;
  readonly type: string;
  readonly api_version: string;
}

export interface CheckConfig {
  readonly metadata: Meta;
  readonly command?: string;
  readonly interval?: number;
  readonly cron?: string;
  readonly subscriptions?: readonly string[] | null;
  readonly handlers?: readonly string[] | null;
  readonly pipelines?: readonly Reference[] | null;
  readonly publish?: boolean;
  readonly timeout?: number;
  readonly ttl?: number;
  readonly round_robin?: boolean;
  readonly proxy_entity_name?: string;
}

export interface Hook {
  readonly metadata?: Meta | null;
  readonly command: string;
  readonly executed: number;
  readonly duration: number;
  readonly output: string;
  readonly status: number;
}

export interface CheckResult extends CheckConfig {
  readonly status: number;
  readonly state?: string;
  readonly output: string;
  readonly duration?: number;
  readonly executed: number;
  readonly issued: number;
  readonly last_ok: number;
  readonly occurrences: number;
  readonly occurrences_watermark: number;
  readonly total_state_change: number;
  readonly silenced?: readonly string[] | null;
  readonly output_metric_format?: string;
  readonly output_metric_thresholds?: readonly MetricThreshold[] | null;
  readonly history?: readonly { readonly status: number; readonly executed: number }[] | null;
  readonly hooks?: readonly Hook[] | null;
}

export interface Entity {
  readonly metadata: Meta;
  readonly entity_class: string;
  readonly subscriptions?: readonly string[] | null;
  readonly last_seen: number;
  readonly sensu_agent_version?: string;
  readonly user?: string;
  readonly deregister?: boolean;
  readonly redact?: readonly string[] | null;
  readonly system?: {
    readonly hostname?: string;
    readonly os?: string;
    readonly platform?: string;
    readonly platform_family?: string;
    readonly platform_version?: string;
    readonly arch?: string;
    readonly libc_type?: string;
    readonly vm_system?: string;
    readonly vm_role?: string;
    readonly cloud_provider?: string;
    readonly network?: {
      readonly interfaces?:
        | readonly { readonly name?: string; readonly mac?: string; readonly addresses?: readonly string[] | null }[]
        | null;
    };
  };
}

export interface Event {
  readonly timestamp: number;
  readonly entity?: Entity;
  readonly check?: CheckResult;
  readonly metadata?: Meta;
  /** Of a result that came while the page is open. */
  readonly metrics?: { readonly points?: readonly Point[] | null };
}

export interface Silenced {
  readonly metadata: Meta;
  readonly check?: string;
  readonly subscription?: string;
  readonly reason?: string;
  readonly creator?: string;
  readonly begin: number;
  readonly expire: number;
  readonly expire_at: number;
  readonly expire_on_resolve: boolean;
}
