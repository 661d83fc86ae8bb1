-- The migrated database, dumped by pg_dump 15. Made by a test of pipeline/postgres
-- (-update); to be read, never to be run: migrations/ is the source.

CREATE SCHEMA bateia;

ALTER SCHEMA bateia OWNER TO bateia_owner;

CREATE SCHEMA report;

ALTER SCHEMA report OWNER TO bateia_owner;

CREATE FUNCTION bateia.account_day(moment timestamp with time zone, timezone text) RETURNS date
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  return (moment at time zone timezone)::date;
exception when invalid_parameter_value then
  return (moment at time zone 'UTC')::date;
end $$;

ALTER FUNCTION bateia.account_day(moment timestamp with time zone, timezone text) OWNER TO bateia_owner;

CREATE FUNCTION bateia.analyze_state() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'bateia', 'pg_temp'
    AS $$
begin
  analyze bateia.prospects_default;
  analyze bateia.identities_default;
end $$;

ALTER FUNCTION bateia.analyze_state() OWNER TO bateia_owner;

CREATE FUNCTION bateia.current_account() RETURNS integer
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('bateia.account'::text, true), ''::text))::integer;

ALTER FUNCTION bateia.current_account() OWNER TO bateia_owner;

CREATE FUNCTION bateia.drop_history(history text, month text, part text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'bateia', 'pg_temp'
    SET lock_timeout TO '1s'
    AS $$
declare
  first timestamptz := to_date(month, 'YYYYMM')::timestamp at time zone 'UTC';
  after timestamptz := (first at time zone 'UTC' + interval '1 month') at time zone 'UTC';
  low   bigint := (extract(epoch from first) * 1000)::bigint << 12;
  high  bigint := (extract(epoch from after) * 1000)::bigint << 12;
  leaf  text := history || '_' || month;
  was   text := current_setting('bateia.account', true);
  one   int;
begin
  -- Leads go one by one: prospects stand on them. A month that is not over gets more.
  if history not in ('row_outcomes', 'issues', 'before_images') or after > now() - interval '2 days' or to_regclass(format('bateia.%I', leaf)) is null then
    return false;
  end if;
  for one in select account_id from bateia.accounts loop
    perform set_config('bateia.account', one::text, true);
    if exists (select from bateia.imports where account_id = one and import_id >= low and import_id < high and part <> all (expired)) then
      perform set_config('bateia.account', coalesce(was, ''), true);
      return false;
    end if;
  end loop;
  perform set_config('bateia.account', coalesce(was, ''), true);
  execute format('drop table bateia.%I', leaf);
  return true;
exception when lock_not_available then
  return false;
end $$;

ALTER FUNCTION bateia.drop_history(history text, month text, part text) OWNER TO bateia_owner;

CREATE FUNCTION bateia.ensure_history(id bigint) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'bateia', 'pg_temp'
    AS $$
declare
  moment timestamptz := date_trunc('month', to_timestamp((id >> 12) / 1000.0), 'UTC');
  month  text := to_char(moment at time zone 'UTC', 'YYYYMM');
  low    bigint := (extract(epoch from moment) * 1000)::bigint << 12;
  high   bigint := (extract(epoch from (moment at time zone 'UTC' + interval '1 month') at time zone 'UTC') * 1000)::bigint << 12;
  t      text;
begin
  if to_regclass('bateia.seen_leads_' || month) is not null then
    return month;
  end if;
  perform pg_advisory_xact_lock(hashtext('bateia.ensure_history'));
  foreach t in array array['leads', 'row_outcomes', 'issues', 'before_images', 'seen_leads'] loop
    if to_regclass(format('bateia.%I', t || '_' || month)) is null then
      -- Attaching waits for no running import; "create … partition of" would.
      execute format('create table bateia.%I (like bateia.%I including defaults including constraints)', t || '_' || month, t);
      execute format('alter table bateia.%I attach partition bateia.%I for values from (%s) to (%s)', t, t || '_' || month, low, high);
      execute format('grant insert on bateia.%I to bateia_worker', t || '_' || month);
    end if;
  end loop;
  return month;
end $$;

ALTER FUNCTION bateia.ensure_history(id bigint) OWNER TO bateia_owner;

CREATE FUNCTION bateia.import_id_text(id bigint) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lpad(to_hex(id), 14, '0'::text);

ALTER FUNCTION bateia.import_id_text(id bigint) OWNER TO bateia_owner;

CREATE FUNCTION bateia.import_time(id bigint) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_timestamp(((((id >> 12))::numeric / 1000.0))::double precision);

ALTER FUNCTION bateia.import_time(id bigint) OWNER TO bateia_owner;

CREATE FUNCTION bateia.mask_value(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN (char_length(value) < 2) THEN regexp_replace(value, '.'::text, '*'::text) ELSE ("left"(value, 1) || regexp_replace(substr(value, 2), '[^] .,;:@/()_+[-]'::text, '*'::text, 'g'::text)) END;

ALTER FUNCTION bateia.mask_value(value text) OWNER TO bateia_owner;

CREATE SEQUENCE bateia.import_seq
    START WITH 0
    INCREMENT BY 1
    MINVALUE 0
    MAXVALUE 4095
    CACHE 1
    CYCLE;

ALTER TABLE bateia.import_seq OWNER TO bateia_owner;

CREATE FUNCTION bateia.new_import_id() RETURNS bigint
    LANGUAGE sql
    RETURN ((((EXTRACT(epoch FROM clock_timestamp()) * (1000)::numeric))::bigint << 12) | nextval('bateia.import_seq'::regclass));

ALTER FUNCTION bateia.new_import_id() OWNER TO bateia_owner;

CREATE FUNCTION bateia.open_refusals(account integer, import bigint, of_code text) RETURNS TABLE("row" bigint, line bigint, sheet_row bigint, byte_offset bigint, byte_length bigint, reason_code text)
    LANGUAGE sql STABLE
    AS $$
    -- Both sides are put together and sorted out, not looked up one by one: after a
    -- large replay the planner knows nothing of its rows yet.
    select u.row, max(u.line), max(u.sheet_row), max(u.byte_offset), max(u.byte_length), max(u.reason_code)
      from (select r.row, r.line, r.sheet_row, r.byte_offset, r.byte_length, r.reason_code, false as taken
              from bateia.row_outcomes r
             where r.account_id = account and r.import_id = import and r.outcome = 'rejected'
               and 'ERASED' <> all (r.codes) and (of_code = '' or of_code = any (r.codes))
               and exists (select from bateia.imports i where i.account_id = account and i.import_id = import and i.state = 'applied')
            union all
            select v.row, null, null, null, null, null, true
              from bateia.resolutions v join bateia.imports t on t.account_id = v.account_id and t.import_id = v.resolved_by
             where v.account_id = account and v.import_id = import and v.taken and t.state = 'applied') u
     group by u.row
    having not bool_or(u.taken)
  $$;

ALTER FUNCTION bateia.open_refusals(account integer, import bigint, of_code text) OWNER TO bateia_owner;

CREATE FUNCTION bateia.survivor_step(state bigint[], said text, of_rank integer, import_id bigint, "row" bigint, is_identity boolean, by_id boolean, rule text, to_draw boolean, unchanged boolean) RETURNS bigint[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN unchanged THEN state WHEN (state IS NULL) THEN CASE WHEN (said <> ''::text) THEN ARRAY[(of_rank)::bigint, import_id, "row"] ELSE NULL::bigint[] END WHEN is_identity THEN CASE WHEN by_id THEN ARRAY[(of_rank)::bigint, import_id, "row"] ELSE state END WHEN (rule = ANY (ARRAY['existing_wins'::text, 'fill_only'::text])) THEN state WHEN ((rule <> 'incoming_wins'::text) AND (of_rank < (state)[1])) THEN state WHEN to_draw THEN state WHEN (said = ''::text) THEN NULL::bigint[] ELSE ARRAY[(of_rank)::bigint, import_id, "row"] END;

ALTER FUNCTION bateia.survivor_step(state bigint[], said text, of_rank integer, import_id bigint, "row" bigint, is_identity boolean, by_id boolean, rule text, to_draw boolean, unchanged boolean) OWNER TO bateia_owner;

CREATE AGGREGATE bateia.survivor(said text, of_rank integer, import_id bigint, "row" bigint, is_identity boolean, by_id boolean, rule text, to_draw boolean, unchanged boolean) (
    SFUNC = bateia.survivor_step,
    STYPE = bigint[]
);

ALTER AGGREGATE bateia.survivor(said text, of_rank integer, import_id bigint, "row" bigint, is_identity boolean, by_id boolean, rule text, to_draw boolean, unchanged boolean) OWNER TO bateia_owner;

CREATE TABLE bateia.accounts (
    account_id integer NOT NULL,
    slug text NOT NULL,
    country text DEFAULT 'BR'::text NOT NULL,
    locale text DEFAULT 'pt-BR'::text NOT NULL,
    timezone text DEFAULT 'America/Sao_Paulo'::text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    base_version bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    applied_no bigint DEFAULT 0 NOT NULL,
    purged_on date,
    CONSTRAINT accounts_country_check CHECK ((country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT accounts_locale_check CHECK ((locale = ANY (ARRAY['en'::text, 'pt-BR'::text, 'es'::text]))),
    CONSTRAINT accounts_slug_check CHECK ((slug ~ '^[a-z0-9_][a-z0-9_-]{0,62}$'::text))
);

ALTER TABLE bateia.accounts OWNER TO bateia_owner;

ALTER TABLE bateia.accounts ALTER COLUMN account_id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME bateia.accounts_account_id_seq
    START WITH 100
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE bateia.aliases (
    account_id integer NOT NULL,
    alias_id text NOT NULL COLLATE pg_catalog."C",
    survivor_id text NOT NULL COLLATE pg_catalog."C"
);

ALTER TABLE ONLY bateia.aliases FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.aliases OWNER TO bateia_owner;

CREATE TABLE bateia.analysts (
    role_name name NOT NULL,
    account_id integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE bateia.analysts OWNER TO bateia_owner;

CREATE TABLE bateia.apart (
    account_id integer NOT NULL,
    prospect_id text NOT NULL COLLATE pg_catalog."C",
    other_id text NOT NULL COLLATE pg_catalog."C",
    import_id bigint NOT NULL
);

ALTER TABLE ONLY bateia.apart FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.apart OWNER TO bateia_owner;

CREATE TABLE bateia.before_images (
    account_id integer NOT NULL,
    import_id bigint NOT NULL,
    prospect_id text NOT NULL COLLATE pg_catalog."C",
    image jsonb NOT NULL
)
PARTITION BY RANGE (import_id);

ALTER TABLE ONLY bateia.before_images FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.before_images OWNER TO bateia_owner;

CREATE TABLE bateia.code_texts (
    code text NOT NULL,
    locale text NOT NULL,
    sentence text NOT NULL,
    remedy text NOT NULL
);

ALTER TABLE bateia.code_texts OWNER TO bateia_owner;

CREATE TABLE bateia.connections (
    account_id integer NOT NULL,
    connection_id integer NOT NULL,
    name text NOT NULL,
    folded text NOT NULL,
    app_key text NOT NULL,
    sealed bytea NOT NULL,
    state text DEFAULT 'valid'::text NOT NULL,
    code text,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    watermark timestamp with time zone,
    next_run timestamp with time zone,
    last_success timestamp with time zone,
    last_full timestamp with time zone,
    empty_runs integer DEFAULT 0 NOT NULL,
    runs bigint DEFAULT 0 NOT NULL,
    sellers jsonb DEFAULT '{}'::jsonb NOT NULL,
    import_id bigint,
    told text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT connections_state_check CHECK ((state = ANY (ARRAY['valid'::text, 'invalid'::text, 'disconnected'::text])))
);

ALTER TABLE ONLY bateia.connections FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.connections OWNER TO bateia_owner;

ALTER TABLE bateia.connections ALTER COLUMN connection_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME bateia.connections_connection_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE bateia.dataset_files (
    account_id integer NOT NULL,
    import_id bigint NOT NULL,
    dataset text NOT NULL,
    key text NOT NULL,
    rows bigint,
    bytes bigint
);

ALTER TABLE ONLY bateia.dataset_files FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.dataset_files OWNER TO bateia_owner;

CREATE TABLE bateia.decisions (
    account_id integer NOT NULL,
    decision_id bigint NOT NULL,
    kind text NOT NULL,
    subject jsonb NOT NULL,
    import_id bigint,
    decided_by text DEFAULT ''::text NOT NULL,
    decided_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT decisions_kind_check CHECK ((kind = ANY (ARRAY['merge'::text, 'split'::text, 'unmerge'::text, 'shared'::text, 'joining'::text])))
);

ALTER TABLE ONLY bateia.decisions FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.decisions OWNER TO bateia_owner;

ALTER TABLE bateia.decisions ALTER COLUMN decision_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME bateia.decisions_decision_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE bateia.distributions (
    account_id integer NOT NULL,
    folded text NOT NULL,
    name text NOT NULL,
    members text[] DEFAULT '{}'::text[] NOT NULL,
    next integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    returned text[] DEFAULT '{}'::text[] NOT NULL
);

ALTER TABLE ONLY bateia.distributions FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.distributions OWNER TO bateia_owner;

CREATE TABLE bateia.draws (
    account_id integer NOT NULL,
    prospect_id text NOT NULL COLLATE pg_catalog."C",
    folded text NOT NULL,
    owner text NOT NULL,
    import_id bigint NOT NULL,
    turn bigint NOT NULL
);

ALTER TABLE ONLY bateia.draws FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.draws OWNER TO bateia_owner;

ALTER TABLE bateia.draws ALTER COLUMN turn ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME bateia.draws_turn_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE bateia.drops (
    account_id integer NOT NULL,
    bucket text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    version text NOT NULL COLLATE pg_catalog."C",
    import_id bigint NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY bateia.drops FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.drops OWNER TO bateia_owner;

CREATE TABLE bateia.erasure_imports (
    account_id integer NOT NULL,
    erasure_id bigint NOT NULL,
    import_id bigint NOT NULL,
    touched boolean DEFAULT false NOT NULL,
    done boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY bateia.erasure_imports FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.erasure_imports OWNER TO bateia_owner;

CREATE TABLE bateia.erasure_rows (
    account_id integer NOT NULL,
    erasure_id bigint NOT NULL,
    import_id bigint NOT NULL,
    "row" bigint NOT NULL,
    byte_offset bigint NOT NULL,
    byte_length bigint NOT NULL
);

ALTER TABLE ONLY bateia.erasure_rows FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.erasure_rows OWNER TO bateia_owner;

CREATE TABLE bateia.erasure_work (
    erasure_id bigint NOT NULL,
    account_id integer NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL,
    lease_until timestamp with time zone,
    not_before timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE bateia.erasure_work OWNER TO bateia_owner;

CREATE TABLE bateia.erasures (
    account_id integer NOT NULL,
    erasure_id bigint NOT NULL,
    state text DEFAULT 'asked'::text NOT NULL,
    requested_by text DEFAULT ''::text NOT NULL,
    uploads text NOT NULL,
    sealed bytea,
    removed jsonb DEFAULT '{}'::jsonb NOT NULL,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    database_at timestamp with time zone,
    finished_at timestamp with time zone,
    CONSTRAINT erasures_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'objects'::text, 'done'::text]))),
    CONSTRAINT erasures_uploads_check CHECK ((uploads = ANY (ARRAY['redact'::text, 'delete'::text]))),
    CONSTRAINT wiped CHECK (((state <> 'done'::text) OR (sealed IS NULL)))
);

ALTER TABLE ONLY bateia.erasures FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.erasures OWNER TO bateia_owner;

ALTER TABLE bateia.erasures ALTER COLUMN erasure_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME bateia.erasures_erasure_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE bateia.events (
    account_id integer NOT NULL,
    event_id bigint NOT NULL,
    import_id bigint,
    kind text NOT NULL,
    payload jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY bateia.events FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.events OWNER TO bateia_owner;

ALTER TABLE bateia.events ALTER COLUMN event_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME bateia.events_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE bateia.exports (
    account_id integer NOT NULL,
    export_id bigint NOT NULL,
    salt text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY bateia.exports FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.exports OWNER TO bateia_owner;

CREATE TABLE bateia.field_definitions (
    account_id integer NOT NULL,
    name text NOT NULL,
    label text NOT NULL,
    type text DEFAULT 'text'::text NOT NULL,
    created_by bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY bateia.field_definitions FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.field_definitions OWNER TO bateia_owner;

CREATE TABLE bateia.forgotten_rows (
    account_id integer NOT NULL,
    import_id bigint NOT NULL,
    "row" bigint NOT NULL,
    outcome text NOT NULL
);

ALTER TABLE ONLY bateia.forgotten_rows FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.forgotten_rows OWNER TO bateia_owner;

CREATE TABLE bateia.identities (
    account_id integer NOT NULL,
    key uuid NOT NULL,
    kind smallint NOT NULL,
    value text NOT NULL,
    joins boolean NOT NULL,
    prospect_id text NOT NULL COLLATE pg_catalog."C",
    first_import_id bigint NOT NULL,
    first_row bigint NOT NULL,
    name_hashes bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    other_names bigint[]
)
PARTITION BY LIST (account_id);

ALTER TABLE ONLY bateia.identities FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.identities OWNER TO bateia_owner;

CREATE TABLE bateia.identities_default (
    account_id integer NOT NULL,
    key uuid NOT NULL,
    kind smallint NOT NULL,
    value text NOT NULL,
    joins boolean NOT NULL,
    prospect_id text NOT NULL COLLATE pg_catalog."C",
    first_import_id bigint NOT NULL,
    first_row bigint NOT NULL,
    name_hashes bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    other_names bigint[]
);

ALTER TABLE bateia.identities_default OWNER TO bateia_owner;

CREATE TABLE bateia.import_columns (
    account_id integer NOT NULL,
    import_id bigint NOT NULL,
    "position" integer NOT NULL,
    name text NOT NULL,
    field text NOT NULL,
    type text DEFAULT ''::text NOT NULL,
    confidence double precision NOT NULL,
    reason text NOT NULL,
    filled bigint NOT NULL,
    valid bigint NOT NULL,
    imported boolean NOT NULL,
    distinct_values bigint
);

ALTER TABLE ONLY bateia.import_columns FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.import_columns OWNER TO bateia_owner;

CREATE TABLE bateia.import_stages (
    account_id integer NOT NULL,
    import_id bigint NOT NULL,
    stage text NOT NULL,
    attempt bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    seconds double precision,
    rows bigint,
    bytes bigint
);

ALTER TABLE ONLY bateia.import_stages FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.import_stages OWNER TO bateia_owner;

CREATE TABLE bateia.imports (
    account_id integer NOT NULL,
    import_id bigint NOT NULL,
    source_id integer NOT NULL,
    file_name text DEFAULT ''::text NOT NULL,
    list text DEFAULT ''::text NOT NULL,
    requested_by text DEFAULT ''::text NOT NULL,
    request jsonb DEFAULT '{}'::jsonb NOT NULL,
    bucket text DEFAULT ''::text NOT NULL,
    key text DEFAULT ''::text NOT NULL,
    version_id text DEFAULT ''::text NOT NULL,
    etag text DEFAULT ''::text NOT NULL,
    size bigint DEFAULT 0 NOT NULL,
    modified timestamp with time zone,
    sha256 text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'received'::text NOT NULL,
    code text,
    held boolean DEFAULT false NOT NULL,
    confirmed boolean DEFAULT false NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    rows_read bigint DEFAULT 0 NOT NULL,
    created bigint DEFAULT 0 NOT NULL,
    updated bigint DEFAULT 0 NOT NULL,
    unchanged bigint DEFAULT 0 NOT NULL,
    duplicate bigint DEFAULT 0 NOT NULL,
    rejected bigint DEFAULT 0 NOT NULL,
    skipped bigint DEFAULT 0 NOT NULL,
    conflict bigint DEFAULT 0 NOT NULL,
    blank bigint DEFAULT 0 NOT NULL,
    prospects_created bigint DEFAULT 0 NOT NULL,
    prospects_updated bigint DEFAULT 0 NOT NULL,
    prospects_merged bigint DEFAULT 0 NOT NULL,
    errors bigint DEFAULT 0 NOT NULL,
    warnings bigint DEFAULT 0 NOT NULL,
    base_version bigint,
    plan_prefix text,
    plan_sha256 text,
    result_key text,
    feedback_key text,
    undo_of bigint,
    redo_of bigint,
    replay_of bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    rank smallint DEFAULT 1 NOT NULL,
    applied_no bigint,
    expired text[] DEFAULT '{}'::text[] NOT NULL,
    leads bigint DEFAULT 0 NOT NULL,
    CONSTRAINT imports_state_check CHECK ((state = ANY (ARRAY['received'::text, 'planning'::text, 'ready'::text, 'applying'::text, 'applied'::text, 'rejected'::text, 'failed'::text, 'canceled'::text, 'undone'::text]))),
    CONSTRAINT ledger_balances CHECK (((state <> 'applied'::text) OR (rows_read = ((((((created + updated) + unchanged) + duplicate) + rejected) + skipped) + conflict))))
);

ALTER TABLE ONLY bateia.imports FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.imports OWNER TO bateia_owner;

CREATE TABLE bateia.issue_counts (
    account_id integer NOT NULL,
    import_id bigint NOT NULL,
    code text NOT NULL,
    severity text NOT NULL,
    rows bigint NOT NULL,
    CONSTRAINT issue_counts_severity_check CHECK ((severity = ANY (ARRAY['error'::text, 'warning'::text])))
);

ALTER TABLE ONLY bateia.issue_counts FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.issue_counts OWNER TO bateia_owner;

CREATE TABLE bateia.issues (
    account_id integer NOT NULL,
    import_id bigint NOT NULL,
    seq bigint NOT NULL,
    "row" bigint,
    line bigint,
    sheet_row bigint,
    byte_offset bigint,
    source_ref text,
    "column" text,
    field text,
    severity text NOT NULL,
    code text NOT NULL,
    value text,
    shape text
)
PARTITION BY RANGE (import_id);

ALTER TABLE ONLY bateia.issues FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.issues OWNER TO bateia_owner;

CREATE TABLE bateia.leads (
    account_id integer NOT NULL,
    import_id bigint NOT NULL,
    "row" bigint NOT NULL,
    line bigint NOT NULL,
    sheet_row bigint NOT NULL,
    byte_offset bigint NOT NULL,
    byte_length bigint NOT NULL,
    source_ref text,
    prospect_id text NOT NULL COLLATE pg_catalog."C",
    outcome text NOT NULL,
    statement bigint NOT NULL,
    phone text,
    email text,
    document text,
    instagram text,
    telegram text,
    name text,
    first_name text,
    last_name text,
    company text,
    job_title text,
    birthday date,
    street text,
    street_number text,
    complement text,
    district text,
    city text,
    state text,
    postal_code text,
    country text,
    website text,
    source text,
    status text,
    lifecycle text,
    owner text,
    is_company boolean,
    notes text,
    utm_source text,
    utm_medium text,
    utm_campaign text,
    extra jsonb,
    keys uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    by_id boolean DEFAULT false NOT NULL,
    tag_ids integer[]
)
PARTITION BY RANGE (import_id);

ALTER TABLE ONLY bateia.leads FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.leads OWNER TO bateia_owner;

CREATE TABLE bateia.lists (
    account_id integer NOT NULL,
    list_id integer NOT NULL,
    name text NOT NULL,
    folded text NOT NULL,
    created_by bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY bateia.lists FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.lists OWNER TO bateia_owner;

ALTER TABLE bateia.lists ALTER COLUMN list_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME bateia.lists_list_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE bateia.merges (
    account_id integer NOT NULL,
    import_id bigint NOT NULL,
    survivor_id text NOT NULL COLLATE pg_catalog."C",
    merged_id text NOT NULL COLLATE pg_catalog."C",
    "row" bigint,
    reason text NOT NULL,
    merged_at timestamp with time zone DEFAULT now() NOT NULL,
    undone_at timestamp with time zone
);

ALTER TABLE ONLY bateia.merges FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.merges OWNER TO bateia_owner;

CREATE TABLE bateia.omie_cursors (
    account_id integer NOT NULL,
    import_id bigint NOT NULL,
    connection_id integer NOT NULL,
    cursor jsonb NOT NULL
);

ALTER TABLE ONLY bateia.omie_cursors FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.omie_cursors OWNER TO bateia_owner;

CREATE TABLE bateia.omie_lanes (
    key_hash text NOT NULL,
    method text NOT NULL,
    lane jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE bateia.omie_lanes OWNER TO bateia_owner;

CREATE TABLE bateia.omie_schedules (
    connection_id integer NOT NULL,
    account_id integer NOT NULL,
    folded text NOT NULL,
    due_at timestamp with time zone
);

ALTER TABLE bateia.omie_schedules OWNER TO bateia_owner;

CREATE TABLE bateia.omie_signals (
    account_id integer NOT NULL,
    connection_id integer NOT NULL,
    message_id text NOT NULL,
    record_id bigint NOT NULL,
    deleted boolean NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    import_id bigint
);

ALTER TABLE ONLY bateia.omie_signals FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.omie_signals OWNER TO bateia_owner;

CREATE TABLE bateia.prospects (
    account_id integer NOT NULL,
    prospect_id text NOT NULL COLLATE pg_catalog."C",
    phone text,
    email text,
    document text,
    instagram text,
    telegram text,
    name text,
    first_name text,
    last_name text,
    company text,
    job_title text,
    birthday date,
    street text,
    street_number text,
    complement text,
    district text,
    city text,
    state text,
    postal_code text,
    country text,
    website text,
    source text,
    status text,
    lifecycle text,
    owner text,
    is_company boolean,
    notes text,
    utm_source text,
    utm_medium text,
    utm_campaign text,
    extra jsonb,
    keys uuid[] NOT NULL,
    lead_imports bigint[] NOT NULL,
    lead_rows bigint[] NOT NULL,
    lead_hashes bigint[] NOT NULL,
    list_ids integer[] DEFAULT '{}'::integer[] NOT NULL,
    tag_ids integer[] DEFAULT '{}'::integer[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    updated_by bigint NOT NULL,
    ranks jsonb
)
PARTITION BY LIST (account_id);

ALTER TABLE ONLY bateia.prospects FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.prospects OWNER TO bateia_owner;

CREATE TABLE bateia.prospects_default (
    account_id integer NOT NULL,
    prospect_id text NOT NULL COLLATE pg_catalog."C",
    phone text,
    email text,
    document text,
    instagram text,
    telegram text,
    name text,
    first_name text,
    last_name text,
    company text,
    job_title text,
    birthday date,
    street text,
    street_number text,
    complement text,
    district text,
    city text,
    state text,
    postal_code text,
    country text,
    website text,
    source text,
    status text,
    lifecycle text,
    owner text,
    is_company boolean,
    notes text,
    utm_source text,
    utm_medium text,
    utm_campaign text,
    extra jsonb,
    keys uuid[] NOT NULL,
    lead_imports bigint[] NOT NULL,
    lead_rows bigint[] NOT NULL,
    lead_hashes bigint[] NOT NULL,
    list_ids integer[] DEFAULT '{}'::integer[] NOT NULL,
    tag_ids integer[] DEFAULT '{}'::integer[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    updated_by bigint NOT NULL,
    ranks jsonb
);

ALTER TABLE bateia.prospects_default OWNER TO bateia_owner;

CREATE TABLE bateia.resolutions (
    account_id integer NOT NULL,
    import_id bigint NOT NULL,
    "row" bigint NOT NULL,
    resolved_by bigint NOT NULL,
    by_row bigint,
    taken boolean DEFAULT true NOT NULL
);

ALTER TABLE ONLY bateia.resolutions FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.resolutions OWNER TO bateia_owner;

CREATE TABLE bateia.row_outcomes (
    account_id integer NOT NULL,
    import_id bigint NOT NULL,
    "row" bigint NOT NULL,
    line bigint NOT NULL,
    sheet_row bigint NOT NULL,
    byte_offset bigint NOT NULL,
    byte_length bigint NOT NULL,
    source_ref text,
    outcome text NOT NULL,
    reason_code text NOT NULL,
    codes text[] NOT NULL,
    prospect_id text COLLATE pg_catalog."C",
    first_row bigint
)
PARTITION BY RANGE (import_id);

ALTER TABLE ONLY bateia.row_outcomes FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.row_outcomes OWNER TO bateia_owner;

CREATE TABLE bateia.scans (
    bucket text NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL,
    lease_until timestamp with time zone,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    seconds double precision DEFAULT 0 NOT NULL,
    objects bigint DEFAULT 0 NOT NULL,
    next_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE bateia.scans OWNER TO bateia_owner;

CREATE TABLE bateia.schema_versions (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);

ALTER TABLE bateia.schema_versions OWNER TO bateia_owner;

ALTER TABLE bateia.schema_versions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME bateia.schema_versions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE bateia.seen_leads (
    account_id integer NOT NULL,
    lead_import bigint NOT NULL,
    lead_row bigint NOT NULL,
    import_id bigint NOT NULL,
    "row" bigint NOT NULL,
    line bigint NOT NULL,
    sheet_row bigint NOT NULL,
    byte_offset bigint NOT NULL,
    byte_length bigint NOT NULL,
    outcome text
)
PARTITION BY RANGE (import_id);

ALTER TABLE ONLY bateia.seen_leads FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.seen_leads OWNER TO bateia_owner;

CREATE TABLE bateia.shared_values (
    account_id integer NOT NULL,
    k1 bigint NOT NULL,
    kind smallint NOT NULL,
    import_id bigint,
    names integer DEFAULT 0 NOT NULL,
    decided_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone
);

ALTER TABLE ONLY bateia.shared_values FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.shared_values OWNER TO bateia_owner;

CREATE TABLE bateia.snapshots (
    account_id integer NOT NULL,
    snapshot_id bigint NOT NULL,
    requested_by text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'owed'::text NOT NULL,
    key text DEFAULT ''::text NOT NULL,
    rows bigint,
    bytes bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT snapshots_state_check CHECK ((state = ANY (ARRAY['owed'::text, 'done'::text])))
);

ALTER TABLE ONLY bateia.snapshots FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.snapshots OWNER TO bateia_owner;

CREATE TABLE bateia.source_records (
    account_id integer NOT NULL,
    connection_id integer NOT NULL,
    record_id bigint NOT NULL,
    document_hash bigint,
    first_import bigint NOT NULL,
    source_gone_at timestamp with time zone,
    gone_import bigint,
    source_inactive_at timestamp with time zone
);

ALTER TABLE ONLY bateia.source_records FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.source_records OWNER TO bateia_owner;

CREATE TABLE bateia.sources (
    account_id integer NOT NULL,
    source_id integer NOT NULL,
    kind text NOT NULL,
    system text DEFAULT ''::text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    instance text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT sources_kind_check CHECK ((kind = ANY (ARRAY['upload'::text, 'omie'::text, 'api'::text, 'manual'::text])))
);

ALTER TABLE ONLY bateia.sources FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.sources OWNER TO bateia_owner;

ALTER TABLE bateia.sources ALTER COLUMN source_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME bateia.sources_source_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW bateia.statements WITH (security_invoker='true') AS
 SELECT l.account_id,
    l.import_id AS lead_import,
    l."row" AS lead_row,
    l.import_id,
    l."row",
    l.line,
    l.sheet_row,
    l.source_ref,
    l.prospect_id,
    l.statement,
    l.keys,
    l.by_id,
    l.tag_ids,
    l.phone,
    l.email,
    l.document,
    l.instagram,
    l.telegram,
    l.name,
    l.first_name,
    l.last_name,
    l.company,
    l.job_title,
    l.birthday,
    l.street,
    l.street_number,
    l.complement,
    l.district,
    l.city,
    l.state,
    l.postal_code,
    l.country,
    l.website,
    l.source,
    l.status,
    l.lifecycle,
    l.owner,
    l.is_company,
    l.notes,
    l.utm_source,
    l.utm_medium,
    l.utm_campaign,
    l.extra
   FROM bateia.leads l
UNION ALL
 SELECT l.account_id,
    s.lead_import,
    s.lead_row,
    s.import_id,
    s."row",
    s.line,
    s.sheet_row,
    l.source_ref,
    l.prospect_id,
    l.statement,
    l.keys,
    l.by_id,
    l.tag_ids,
    l.phone,
    l.email,
    l.document,
    l.instagram,
    l.telegram,
    l.name,
    l.first_name,
    l.last_name,
    l.company,
    l.job_title,
    l.birthday,
    l.street,
    l.street_number,
    l.complement,
    l.district,
    l.city,
    l.state,
    l.postal_code,
    l.country,
    l.website,
    l.source,
    l.status,
    l.lifecycle,
    l.owner,
    l.is_company,
    l.notes,
    l.utm_source,
    l.utm_medium,
    l.utm_campaign,
    l.extra
   FROM (bateia.seen_leads s
     JOIN bateia.leads l ON (((l.account_id = s.account_id) AND (l.import_id = s.lead_import) AND (l."row" = s.lead_row))));

ALTER TABLE bateia.statements OWNER TO bateia_owner;

CREATE TABLE bateia.suppressions (
    account_id integer NOT NULL,
    key_id integer NOT NULL,
    hash bytea NOT NULL,
    erasure_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY bateia.suppressions FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.suppressions OWNER TO bateia_owner;

CREATE TABLE bateia.tags (
    account_id integer NOT NULL,
    tag_id integer NOT NULL,
    name text NOT NULL,
    folded text NOT NULL,
    created_by bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY bateia.tags FORCE ROW LEVEL SECURITY;

ALTER TABLE bateia.tags OWNER TO bateia_owner;

ALTER TABLE bateia.tags ALTER COLUMN tag_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME bateia.tags_tag_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW bateia.visible_accounts WITH (security_barrier='true') AS
 SELECT analysts.account_id
   FROM bateia.analysts
  WHERE (analysts.role_name = SESSION_USER)
UNION ALL
 SELECT bateia.current_account() AS account_id
  WHERE (SESSION_USER = 'bateia_worker'::name);

ALTER TABLE bateia.visible_accounts OWNER TO bateia_owner;

CREATE TABLE bateia.work (
    import_id bigint NOT NULL,
    phase text NOT NULL,
    account_id integer NOT NULL,
    state text DEFAULT 'owed'::text NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL,
    lease_until timestamp with time zone,
    worker text,
    owed_since timestamp with time zone DEFAULT now() NOT NULL,
    not_before timestamp with time zone DEFAULT now() NOT NULL,
    alone boolean DEFAULT false NOT NULL,
    deaths integer DEFAULT 0 NOT NULL,
    sync boolean DEFAULT false NOT NULL,
    CONSTRAINT work_phase_check CHECK ((phase = ANY (ARRAY['plan'::text, 'apply'::text, 'report'::text, 'datasets'::text]))),
    CONSTRAINT work_state_check CHECK ((state = ANY (ARRAY['owed'::text, 'running'::text, 'done'::text])))
);

ALTER TABLE bateia.work OWNER TO bateia_owner;

CREATE VIEW report.accounts WITH (security_barrier='true') AS
 SELECT a.slug AS account,
    a.country,
    a.locale,
    a.timezone,
    a.created_at
   FROM bateia.accounts a
  WHERE (a.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts)));

ALTER TABLE report.accounts OWNER TO bateia_owner;

CREATE VIEW report.codes WITH (security_barrier='true') AS
 SELECT a.slug AS account,
    t.code,
    t.sentence AS message,
    t.remedy
   FROM (bateia.accounts a
     JOIN bateia.code_texts t ON ((t.locale = a.locale)))
  WHERE (a.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts)));

ALTER TABLE report.codes OWNER TO bateia_owner;

CREATE VIEW report.connections WITH (security_barrier='true') AS
 SELECT a.slug AS account,
    c.name AS source,
    c.state,
    c.code,
    COALESCE((c.settings ->> 'every'::text), ''::text) AS every,
    c.created_at,
    c.last_success AS last_success_at,
    c.last_full AS last_full_at,
    c.next_run AS next_run_at,
    (EXTRACT(epoch FROM (now() - c.last_success)))::double precision AS seconds_since_success
   FROM (bateia.connections c
     JOIN bateia.accounts a USING (account_id))
  WHERE (c.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts)));

ALTER TABLE report.connections OWNER TO bateia_owner;

CREATE VIEW report.daily WITH (security_barrier='true') AS
 SELECT a.slug AS account,
    d.day,
    d.imports,
    d.applied,
    d.rejected_files,
    d.failed,
    d.undone,
    d.rows_read,
    d.created,
    d.updated,
    d.unchanged,
    d.duplicate,
    d.rejected,
    d.skipped,
    d.conflict,
    d.blank,
    d.prospects_created,
    d.prospects_updated,
    d.prospects_merged
   FROM (( SELECT n.account_id,
            bateia.account_day(n.created_at, a_1.timezone) AS day,
            count(*) AS imports,
            count(*) FILTER (WHERE (n.state = 'applied'::text)) AS applied,
            count(*) FILTER (WHERE (n.state = 'rejected'::text)) AS rejected_files,
            count(*) FILTER (WHERE (n.state = 'failed'::text)) AS failed,
            count(*) FILTER (WHERE (n.state = 'undone'::text)) AS undone,
            (COALESCE(sum(n.rows_read) FILTER (WHERE (n.state = 'applied'::text)), (0)::numeric))::bigint AS rows_read,
            (COALESCE(sum(n.created) FILTER (WHERE (n.state = 'applied'::text)), (0)::numeric))::bigint AS created,
            (COALESCE(sum(n.updated) FILTER (WHERE (n.state = 'applied'::text)), (0)::numeric))::bigint AS updated,
            (COALESCE(sum(n.unchanged) FILTER (WHERE (n.state = 'applied'::text)), (0)::numeric))::bigint AS unchanged,
            (COALESCE(sum(n.duplicate) FILTER (WHERE (n.state = 'applied'::text)), (0)::numeric))::bigint AS duplicate,
            (COALESCE(sum(n.rejected) FILTER (WHERE (n.state = 'applied'::text)), (0)::numeric))::bigint AS rejected,
            (COALESCE(sum(n.skipped) FILTER (WHERE (n.state = 'applied'::text)), (0)::numeric))::bigint AS skipped,
            (COALESCE(sum(n.conflict) FILTER (WHERE (n.state = 'applied'::text)), (0)::numeric))::bigint AS conflict,
            (COALESCE(sum(n.blank) FILTER (WHERE (n.state = 'applied'::text)), (0)::numeric))::bigint AS blank,
            (COALESCE(sum(n.prospects_created) FILTER (WHERE (n.state = 'applied'::text)), (0)::numeric))::bigint AS prospects_created,
            (COALESCE(sum(n.prospects_updated) FILTER (WHERE (n.state = 'applied'::text)), (0)::numeric))::bigint AS prospects_updated,
            (COALESCE(sum(n.prospects_merged) FILTER (WHERE (n.state = 'applied'::text)), (0)::numeric))::bigint AS prospects_merged
           FROM (bateia.imports n
             JOIN bateia.accounts a_1 USING (account_id))
          WHERE (n.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
                   FROM bateia.visible_accounts)))
          GROUP BY n.account_id, (bateia.account_day(n.created_at, a_1.timezone))) d
     JOIN bateia.accounts a USING (account_id));

ALTER TABLE report.daily OWNER TO bateia_owner;

CREATE VIEW report.field_lineage WITH (security_barrier='true') AS
 SELECT a.slug AS account,
    p.prospect_id,
    v.field,
    v.value,
    v.current,
    ((bateia.import_id_text(v.lead_import) || ':'::text) || v.lead_row) AS lead_id,
    bateia.import_id_text(v.import_id) AS import_id,
    v.applied_no,
    v."row",
    v.line,
    v.sheet_row,
    v.byte_offset,
    v.source_ref,
    v.file_name,
    v.again,
    v.created_at
   FROM ((bateia.prospects p
     JOIN bateia.accounts a USING (account_id))
     CROSS JOIN LATERAL ( WITH said AS (
                 SELECT l.import_id AS lead_import,
                    l."row" AS lead_row,
                    l.source_ref,
                    l.by_id,
                    l.extra,
                    l.phone,
                    l.email,
                    l.document,
                    l.instagram,
                    l.telegram,
                    l.name,
                    l.first_name,
                    l.last_name,
                    l.company,
                    l.job_title,
                    l.birthday,
                    l.street,
                    l.street_number,
                    l.complement,
                    l.district,
                    l.city,
                    l.state,
                    l.postal_code,
                    l.country,
                    l.website,
                    l.source,
                    l.status,
                    l.lifecycle,
                    l.owner,
                    l.is_company,
                    l.notes,
                    l.utm_source,
                    l.utm_medium,
                    l.utm_campaign,
                    h.import_id,
                    h."row",
                    h.line,
                    h.sheet_row,
                    h.byte_offset,
                    h.again,
                    n.applied_no,
                    n.file_name,
                    n.created_at,
                    n.source_id,
                    GREATEST(1, (n.rank)::integer,
                        CASE
                            WHEN l.by_id THEN 2
                            ELSE NULL::integer
                        END) AS rank,
                    (o.kind = 'omie'::text) AS whole_records,
                    COALESCE((((n.request -> 'mapping'::text) -> 'options'::text) ->> 'survivorship'::text), ''::text) AS rule,
                    COALESCE(((((n.request -> 'mapping'::text) -> 'options'::text) ->> 'blank'::text) = 'clear'::text), false) AS clears
                   FROM ((((UNNEST(p.lead_imports, p.lead_rows) held(import_id, "row")
                     JOIN bateia.leads l ON (((l.account_id = p.account_id) AND (l.import_id = held.import_id) AND (l."row" = held."row"))))
                     CROSS JOIN LATERAL ( SELECT l.import_id,
                            l."row",
                            l.line,
                            l.sheet_row,
                            l.byte_offset,
                            false AS again
                        UNION ALL
                         SELECT g.import_id,
                            g."row",
                            g.line,
                            g.sheet_row,
                            g.byte_offset,
                            true
                           FROM bateia.seen_leads g
                          WHERE ((g.account_id = l.account_id) AND (g.lead_import = l.import_id) AND (g.lead_row = l."row"))) h)
                     JOIN bateia.imports n ON (((n.account_id = p.account_id) AND (n.import_id = h.import_id) AND (n.state = 'applied'::text))))
                     LEFT JOIN bateia.sources o ON (((o.account_id = n.account_id) AND (o.source_id = n.source_id))))
                ), told AS (
                 SELECT s_1.import_id,
                    s_1."row",
                    f.class,
                    f.field,
                    f.value,
                    f.raw
                   FROM (said s_1
                     CROSS JOIN LATERAL ( SELECT 'identity'::text AS "?column?",
                            f_1.field,
                            f_1.value,
                            f_1.value
                           FROM ( VALUES ('phone'::text,s_1.phone), ('email'::text,s_1.email), ('document'::text,s_1.document), ('instagram'::text,s_1.instagram), ('telegram'::text,s_1.telegram)) f_1(field, value)
                        UNION ALL
                         SELECT 'name'::text,
                            f_1.field,
                            f_1.value,
                            f_1.value
                           FROM ( VALUES ('name'::text,s_1.name), ('first_name'::text,s_1.first_name), ('last_name'::text,s_1.last_name)) f_1(field, value)
                        UNION ALL
                         SELECT 'other'::text,
                            f_1.field,
                            f_1.value,
                            f_1.value
                           FROM ( VALUES ('company'::text,s_1.company), ('job_title'::text,s_1.job_title), ('birthday'::text,(s_1.birthday)::text), ('street'::text,s_1.street), ('street_number'::text,s_1.street_number), ('complement'::text,s_1.complement), ('district'::text,s_1.district), ('city'::text,s_1.city), ('state'::text,s_1.state), ('postal_code'::text,s_1.postal_code), ('country'::text,s_1.country), ('website'::text,s_1.website), ('source'::text,s_1.source), ('status'::text,s_1.status), ('lifecycle'::text,s_1.lifecycle), ('owner'::text,s_1.owner), ('is_company'::text,(s_1.is_company)::text), ('notes'::text,s_1.notes), ('utm_source'::text,s_1.utm_source), ('utm_medium'::text,s_1.utm_medium), ('utm_campaign'::text,s_1.utm_campaign)) f_1(field, value)
                        UNION ALL
                         SELECT 'other'::text,
                            ('extra.'::text || e.key),
                            (e.value #>> '{}'::text[]),
                            (e.value)::text AS value
                           FROM jsonb_each(s_1.extra) e(key, value)) f(class, field, value, raw))
                  WHERE (f.value <> ''::text)
                ), spoken AS (
                 SELECT told.import_id,
                    told."row",
                    told.field AS key,
                    told.class,
                    told.raw AS said,
                    NULL::text[] AS parts
                   FROM told
                  WHERE (told.class <> 'name'::text)
                UNION ALL
                 SELECT said.import_id,
                    said."row",
                    'name'::text,
                    'name'::text,
                    COALESCE(NULLIF(said.name, ''::text), concat_ws(' '::text, NULLIF(said.first_name, ''::text), NULLIF(said.last_name, ''::text))) AS "coalesce",
                    ARRAY[COALESCE(said.name, ''::text), COALESCE(said.first_name, ''::text), COALESCE(said.last_name, ''::text)] AS "array"
                   FROM said
                  WHERE (COALESCE(NULLIF(said.name, ''::text), NULLIF(said.first_name, ''::text), NULLIF(said.last_name, ''::text)) IS NOT NULL)
                ), last_rows AS (
                 SELECT DISTINCT ON (said.import_id) said.import_id,
                    said."row"
                   FROM said
                  WHERE said.clears
                  ORDER BY said.import_id, said."row" DESC
                ), cleared AS (
                 SELECT DISTINCT e.import_id,
                    e."row",
                    k.key,
                    k.class,
                    ''::text AS said,
                    ARRAY[''::text, ''::text, ''::text] AS parts
                   FROM ((last_rows e
                     JOIN bateia.import_columns c ON (((c.account_id = p.account_id) AND (c.import_id = e.import_id) AND c.imported)))
                     CROSS JOIN LATERAL ( SELECT
                                CASE
                                    WHEN (c.field = ANY (ARRAY['first_name'::text, 'last_name'::text])) THEN 'name'::text
                                    ELSE c.field
                                END AS field,
                                CASE
                                    WHEN (c.field = ANY (ARRAY['name'::text, 'first_name'::text, 'last_name'::text])) THEN 'name'::text
                                    ELSE 'other'::text
                                END AS "case") k(key, class))
                  WHERE
                        CASE k.class
                            WHEN 'name'::text THEN (NOT (EXISTS ( SELECT
                               FROM spoken s_1
                              WHERE ((s_1.import_id = e.import_id) AND (s_1.key = 'name'::text)))))
                            ELSE ((k.key = ANY (ARRAY['company'::text, 'job_title'::text, 'birthday'::text, 'street'::text, 'street_number'::text, 'complement'::text, 'district'::text, 'city'::text, 'state'::text, 'postal_code'::text, 'country'::text, 'website'::text, 'source'::text, 'status'::text, 'lifecycle'::text, 'owner'::text, 'is_company'::text, 'notes'::text, 'utm_source'::text, 'utm_medium'::text, 'utm_campaign'::text])) AND (NOT (EXISTS ( SELECT
                               FROM told t_1
                              WHERE ((t_1.import_id = e.import_id) AND (t_1."row" = e."row") AND (t_1.field = k.key))))))
                        END
                ), voices AS (
                 SELECT DISTINCT ON (u.import_id, u.key) u.import_id,
                    u."row",
                    u.key,
                    u.class,
                    u.said,
                    u.parts,
                    s_1.by_id,
                    s_1.rank,
                    s_1.rule,
                    s_1.whole_records,
                    s_1.source_id,
                    COALESCE(s_1.applied_no, (0)::bigint) AS place
                   FROM (( SELECT spoken.import_id,
                            spoken."row",
                            spoken.key,
                            spoken.class,
                            spoken.said,
                            spoken.parts,
                            false AS blank
                           FROM spoken
                        UNION ALL
                         SELECT cleared.import_id,
                            cleared."row",
                            cleared.key,
                            cleared.class,
                            cleared.said,
                            cleared.parts,
                            true
                           FROM cleared) u
                     JOIN said s_1 USING (import_id, "row"))
                  ORDER BY u.import_id, u.key, u.blank DESC, ((u.class = 'identity'::text) AND s_1.by_id) DESC,
                        CASE
                            WHEN (u.class = 'identity'::text) THEN u."row"
                            ELSE (- u."row")
                        END
                ), before AS (
                 SELECT i.import_id,
                    lag(i.import_id) OVER (PARTITION BY i.source_id ORDER BY i.place, i.import_id) AS last
                   FROM ( SELECT DISTINCT said.import_id,
                            said.source_id,
                            COALESCE(said.applied_no, (0)::bigint) AS place
                           FROM said
                          WHERE said.whole_records) i
                ), winners AS (
                 SELECT v_1.key,
                    bateia.survivor(v_1.said, v_1.rank, v_1.import_id, v_1."row", (v_1.class = 'identity'::text), v_1.by_id, v_1.rule, ((v_1.key = 'owner'::text) AND starts_with(v_1.said, 'distribution:'::text)), ((b.last IS NOT NULL) AND
                        CASE
                            WHEN (v_1.class = 'name'::text) THEN (v_1.parts = COALESCE(w_1.parts, ARRAY[''::text, ''::text, ''::text]))
                            ELSE (v_1.said = COALESCE(w_1.said, ''::text))
                        END) ORDER BY v_1.place, v_1.import_id) AS best
                   FROM ((voices v_1
                     LEFT JOIN before b ON ((b.import_id = v_1.import_id)))
                     LEFT JOIN voices w_1 ON (((w_1.import_id = b.last) AND (w_1.key = v_1.key))))
                  GROUP BY v_1.key
                )
         SELECT t.field,
            t.value,
            COALESCE(((w.best[2] = t.import_id) AND (w.best[3] = t."row")), false) AS current,
            s.lead_import,
            s.lead_row,
            s.import_id,
            s.applied_no,
            s."row",
            s.line,
            s.sheet_row,
            s.byte_offset,
            s.source_ref,
            s.file_name,
            s.again,
            s.created_at
           FROM ((told t
             JOIN said s USING (import_id, "row"))
             LEFT JOIN winners w ON ((w.key =
                CASE
                    WHEN (t.class = 'name'::text) THEN 'name'::text
                    ELSE t.field
                END)))) v)
  WHERE ((p.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts))) AND (NOT (EXISTS ( SELECT
           FROM bateia.aliases m
          WHERE ((m.account_id = p.account_id) AND (m.alias_id = p.prospect_id))))));

ALTER TABLE report.field_lineage OWNER TO bateia_owner;

CREATE VIEW report.funnel WITH (security_barrier='true') AS
 SELECT a.slug AS account,
    bateia.import_id_text(n.import_id) AS import_id,
    bateia.account_day(n.created_at, a.timezone) AS day,
    s.kind AS source_kind,
    COALESCE(NULLIF(s.name, ''::text), NULLIF(s.instance, ''::text), s.system) AS source,
    n.state,
    n.rows_read,
    (n.rows_read - n.rejected) AS valid,
    (((n.created + n.updated) + n.unchanged) + n.duplicate) AS accepted,
        CASE
            WHEN (n.state = 'applied'::text) THEN n.leads
            ELSE (0)::bigint
        END AS leads,
        CASE
            WHEN (n.state = 'applied'::text) THEN ((n.created + n.updated) + n.unchanged)
            ELSE (0)::bigint
        END AS prospects,
    n.prospects_created,
    n.created_at
   FROM ((bateia.imports n
     JOIN bateia.accounts a USING (account_id))
     LEFT JOIN bateia.sources s USING (account_id, source_id))
  WHERE (n.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts)));

ALTER TABLE report.funnel OWNER TO bateia_owner;

CREATE VIEW report.identities WITH (security_barrier='true') AS
 SELECT a.slug AS account,
    COALESCE(m.survivor_id, i.prospect_id) AS prospect_id,
        CASE i.kind
            WHEN 1 THEN 'phone'::text
            WHEN 2 THEN 'email'::text
            WHEN 3 THEN 'document'::text
            WHEN 4 THEN 'external_id'::text
            WHEN 5 THEN 'instagram'::text
            WHEN 6 THEN 'telegram'::text
            ELSE NULL::text
        END AS kind,
    i.value,
    i.joins,
    bateia.import_id_text(i.first_import_id) AS first_import_id,
    bateia.import_time(i.first_import_id) AS first_seen_at
   FROM ((bateia.identities i
     JOIN bateia.accounts a USING (account_id))
     LEFT JOIN bateia.aliases m ON (((m.account_id = i.account_id) AND (m.alias_id = i.prospect_id))))
  WHERE (i.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts)));

ALTER TABLE report.identities OWNER TO bateia_owner;

CREATE VIEW report.import_columns WITH (security_barrier='true') AS
 SELECT bateia.import_id_text(c.import_id) AS import_id,
    a.slug AS account,
    c."position",
    c.name,
    NULLIF(c.field, ''::text) AS field,
    NULLIF(c.type, ''::text) AS type,
    c.confidence,
    c.reason,
    c.filled,
    c.valid,
    c.imported,
    c.distinct_values
   FROM (bateia.import_columns c
     JOIN bateia.accounts a USING (account_id))
  WHERE (c.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts)));

ALTER TABLE report.import_columns OWNER TO bateia_owner;

CREATE VIEW report.import_stages WITH (security_barrier='true') AS
 SELECT bateia.import_id_text(t.import_id) AS import_id,
    a.slug AS account,
    t.stage,
    t.attempt,
    t.started_at,
    t.finished_at,
    t.seconds,
    t.rows,
    t.bytes
   FROM (bateia.import_stages t
     JOIN bateia.accounts a USING (account_id))
  WHERE (t.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts)));

ALTER TABLE report.import_stages OWNER TO bateia_owner;

CREATE VIEW report.imports WITH (security_barrier='true') AS
 SELECT bateia.import_id_text(i.import_id) AS import_id,
    a.slug AS account,
    s.kind AS source_kind,
    s.system AS source_system,
    COALESCE(NULLIF(s.name, ''::text), NULLIF(s.instance, ''::text), s.system) AS source,
        CASE
            WHEN (i.key <> ''::text) THEN ((('s3://'::text || i.bucket) || '/'::text) || i.key)
            ELSE NULL::text
        END AS object,
    i.file_name,
    i.size,
    i.list,
    i.requested_by,
    i.state,
    i.held,
    i.code,
    i.rows_read,
    i.created,
    i.updated,
    i.unchanged,
    i.duplicate,
    i.rejected,
    i.skipped,
    i.conflict,
    i.blank,
    i.prospects_created,
    i.prospects_updated,
    i.prospects_merged,
    i.errors,
    i.warnings,
    i.created_at,
    i.started_at,
    i.finished_at,
    t.seconds,
    ((i.rows_read)::double precision / NULLIF(t.seconds, (0)::double precision)) AS rows_per_second,
    bateia.import_id_text(i.undo_of) AS undo_of,
    bateia.import_id_text(i.redo_of) AS redo_of,
    bateia.import_id_text(i.replay_of) AS replay_of
   FROM (((bateia.imports i
     JOIN bateia.accounts a USING (account_id))
     LEFT JOIN bateia.sources s USING (account_id, source_id))
     CROSS JOIN LATERAL ( SELECT (EXTRACT(epoch FROM (i.finished_at - i.started_at)))::double precision AS seconds) t)
  WHERE (i.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts)));

ALTER TABLE report.imports OWNER TO bateia_owner;

CREATE VIEW report.issue_counts WITH (security_barrier='true') AS
 SELECT a.slug AS account,
    bateia.import_id_text(n.import_id) AS import_id,
    bateia.account_day(n.created_at, a.timezone) AS day,
    c.code,
    c.severity,
    c.rows
   FROM ((bateia.issue_counts c
     JOIN bateia.imports n ON (((n.account_id = c.account_id) AND (n.import_id = c.import_id))))
     JOIN bateia.accounts a ON ((a.account_id = c.account_id)))
  WHERE (c.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts)));

ALTER TABLE report.issue_counts OWNER TO bateia_owner;

CREATE VIEW report.issues WITH (security_barrier='true') AS
 SELECT bateia.import_id_text(n.import_id) AS import_id,
    a.slug AS account,
    i."row",
    i.line,
    i.sheet_row,
    i.byte_offset,
    i.source_ref,
    i."column",
    i.field,
    i.severity,
    i.code,
    bateia.mask_value(i.value) AS value,
    i.shape,
    COALESCE(t.sentence, i.code) AS message,
    n.created_at
   FROM (((bateia.issues i
     JOIN bateia.imports n ON (((n.account_id = i.account_id) AND (n.import_id = i.import_id))))
     JOIN bateia.accounts a ON ((a.account_id = i.account_id)))
     LEFT JOIN bateia.code_texts t ON (((t.code = i.code) AND (t.locale = a.locale))))
  WHERE (i.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts)));

ALTER TABLE report.issues OWNER TO bateia_owner;

CREATE VIEW report.leads WITH (security_barrier='true') AS
 SELECT ((bateia.import_id_text(n.import_id) || ':'::text) || l."row") AS lead_id,
    bateia.import_id_text(n.import_id) AS import_id,
    a.slug AS account,
    l."row",
    l.sheet_row,
    l.source_ref,
    l.outcome,
    COALESCE(m.survivor_id, l.prospect_id) AS prospect_id,
    l.phone,
    l.email,
    l.document,
    l.name,
    n.created_at
   FROM (((bateia.leads l
     JOIN bateia.imports n ON (((n.account_id = l.account_id) AND (n.import_id = l.import_id))))
     JOIN bateia.accounts a ON ((a.account_id = l.account_id)))
     LEFT JOIN bateia.aliases m ON (((m.account_id = l.account_id) AND (m.alias_id = l.prospect_id))))
  WHERE ((l.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts))) AND (n.state <> 'undone'::text));

ALTER TABLE report.leads OWNER TO bateia_owner;

CREATE VIEW report.merges WITH (security_barrier='true') AS
 SELECT a.slug AS account,
    m.survivor_id,
    m.merged_id,
    bateia.import_id_text(m.import_id) AS import_id,
    m.reason,
    m.merged_at,
    m.undone_at
   FROM (bateia.merges m
     JOIN bateia.accounts a USING (account_id))
  WHERE (m.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts)));

ALTER TABLE report.merges OWNER TO bateia_owner;

CREATE VIEW report.prospects WITH (security_barrier='true') AS
 SELECT p.prospect_id,
    a.slug AS account,
    p.name,
    p.phone,
    p.email,
    p.document,
    p.company,
    p.city,
    p.state,
    p.country,
    ARRAY( SELECT l.name
           FROM bateia.lists l
          WHERE ((l.account_id = p.account_id) AND (l.list_id = ANY (p.list_ids)))
          ORDER BY l.name) AS lists,
    ARRAY( SELECT t.name
           FROM bateia.tags t
          WHERE ((t.account_id = p.account_id) AND (t.tag_id = ANY (p.tag_ids)))
          ORDER BY t.name) AS tags,
    p.source,
    p.owner,
    p.status,
    p.lifecycle,
    COALESCE(p.extra, '{}'::jsonb) AS attributes,
    cardinality(p.lead_imports) AS leads,
    p.created_at,
    p.updated_at
   FROM (bateia.prospects p
     JOIN bateia.accounts a USING (account_id))
  WHERE ((p.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts))) AND (NOT (EXISTS ( SELECT
           FROM bateia.aliases m
          WHERE ((m.account_id = p.account_id) AND (m.alias_id = p.prospect_id))))));

ALTER TABLE report.prospects OWNER TO bateia_owner;

CREATE VIEW report.quality WITH (security_barrier='true') AS
 SELECT a.slug AS account,
    bateia.import_id_text(n.import_id) AS import_id,
    n.state,
    f.field,
    f.columns,
    f.filled,
    f.valid,
    (f.filled - f.valid) AS invalid,
    ((f.filled)::double precision / (NULLIF(n.rows_read, 0))::double precision) AS filled_rate,
    ((f.valid)::double precision / (NULLIF(f.filled, 0))::double precision) AS valid_rate,
    f.rows_with_errors,
    f.rows_with_warnings,
    f.changed,
    n.created_at,
    f.distinct_values
   FROM ((bateia.imports n
     JOIN bateia.accounts a USING (account_id))
     CROSS JOIN LATERAL ( SELECT c.field,
            c.columns,
            c.filled,
            c.valid,
            c.distinct_values,
            COALESCE(i.errors, (0)::bigint) AS rows_with_errors,
            COALESCE(i.warnings, (0)::bigint) AS rows_with_warnings,
            COALESCE(i.changed, (0)::bigint) AS changed
           FROM (( SELECT c_1.field,
                    count(*) AS columns,
                    (sum(c_1.filled))::bigint AS filled,
                    (sum(c_1.valid))::bigint AS valid,
                    max(c_1.distinct_values) AS distinct_values
                   FROM bateia.import_columns c_1
                  WHERE ((c_1.account_id = n.account_id) AND (c_1.import_id = n.import_id) AND c_1.imported AND (c_1.field <> ''::text))
                  GROUP BY c_1.field) c
             LEFT JOIN ( SELECT i_1.field,
                    count(DISTINCT i_1."row") FILTER (WHERE (i_1.severity = 'error'::text)) AS errors,
                    count(DISTINCT i_1."row") FILTER (WHERE (i_1.severity = 'warning'::text)) AS warnings,
                    count(DISTINCT i_1."row") FILTER (WHERE (i_1.code = ANY (ARRAY['PHONE_NINTH_DIGIT_ADDED'::text, 'PHONE_AREA_ASSUMED'::text, 'DOCUMENT_ZEROS_RESTORED'::text]))) AS changed
                   FROM bateia.issues i_1
                  WHERE ((i_1.account_id = n.account_id) AND (i_1.import_id = n.import_id))
                  GROUP BY i_1.field) i USING (field))) f)
  WHERE (n.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts)));

ALTER TABLE report.quality OWNER TO bateia_owner;

CREATE VIEW report.rows WITH (security_barrier='true') AS
 SELECT bateia.import_id_text(n.import_id) AS import_id,
    a.slug AS account,
    r."row",
    r.line,
    r.sheet_row,
    r.source_ref,
    r.outcome,
    r.reason_code,
    r.codes,
    NULL::text AS lead_id,
    COALESCE(m.survivor_id, r.prospect_id) AS prospect_id,
    r.first_row,
    ( SELECT bateia.import_id_text(max(v.resolved_by)) AS import_id_text
           FROM (bateia.resolutions v
             JOIN bateia.imports t ON (((t.account_id = v.account_id) AND (t.import_id = v.resolved_by))))
          WHERE ((v.account_id = r.account_id) AND (v."row" = r."row") AND (v.import_id =
                CASE
                    WHEN (n.replay_of IS NULL) THEN r.import_id
                    ELSE n.replay_of
                END) AND v.taken AND (t.state = 'applied'::text))) AS resolved_by
   FROM (((bateia.row_outcomes r
     JOIN bateia.imports n ON (((n.account_id = r.account_id) AND (n.import_id = r.import_id))))
     JOIN bateia.accounts a ON ((a.account_id = r.account_id)))
     LEFT JOIN bateia.aliases m ON (((m.account_id = r.account_id) AND (m.alias_id = r.prospect_id))))
  WHERE (r.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts)));

ALTER TABLE report.rows OWNER TO bateia_owner;

CREATE VIEW report.sources WITH (security_barrier='true') AS
 SELECT a.slug AS account,
    s.kind AS source_kind,
    s.system AS source_system,
    COALESCE(NULLIF(s.name, ''::text), NULLIF(s.instance, ''::text), s.system) AS source,
    n.imports,
    n.applied,
    n.rejected_files,
    n.failed,
    n.undone,
    n.rows_read,
    n.rejected,
    n.skipped,
    n.conflict,
    n.duplicate,
    ((n.rejected)::double precision / (NULLIF(n.rows_read, 0))::double precision) AS refusal_rate,
    ((n.duplicate)::double precision / (NULLIF(n.rows_read, 0))::double precision) AS duplicate_rate,
    n.prospects_created,
    n.first_import_at,
    n.last_import_at,
    n.last_applied_at,
    (EXTRACT(epoch FROM (now() - n.last_applied_at)))::double precision AS seconds_since_applied
   FROM ((bateia.sources s
     JOIN bateia.accounts a USING (account_id))
     JOIN ( SELECT imports.account_id,
            imports.source_id,
            count(*) AS imports,
            count(*) FILTER (WHERE (imports.state = 'applied'::text)) AS applied,
            count(*) FILTER (WHERE (imports.state = 'rejected'::text)) AS rejected_files,
            count(*) FILTER (WHERE (imports.state = 'failed'::text)) AS failed,
            count(*) FILTER (WHERE (imports.state = 'undone'::text)) AS undone,
            (COALESCE(sum(imports.rows_read) FILTER (WHERE (imports.state = 'applied'::text)), (0)::numeric))::bigint AS rows_read,
            (COALESCE(sum(imports.rejected) FILTER (WHERE (imports.state = 'applied'::text)), (0)::numeric))::bigint AS rejected,
            (COALESCE(sum(imports.skipped) FILTER (WHERE (imports.state = 'applied'::text)), (0)::numeric))::bigint AS skipped,
            (COALESCE(sum(imports.conflict) FILTER (WHERE (imports.state = 'applied'::text)), (0)::numeric))::bigint AS conflict,
            (COALESCE(sum(imports.duplicate) FILTER (WHERE (imports.state = 'applied'::text)), (0)::numeric))::bigint AS duplicate,
            (COALESCE(sum(imports.prospects_created) FILTER (WHERE (imports.state = 'applied'::text)), (0)::numeric))::bigint AS prospects_created,
            min(imports.created_at) AS first_import_at,
            max(imports.created_at) AS last_import_at,
            max(imports.finished_at) FILTER (WHERE (imports.state = 'applied'::text)) AS last_applied_at
           FROM bateia.imports
          GROUP BY imports.account_id, imports.source_id) n USING (account_id, source_id))
  WHERE (s.account_id = ANY (ARRAY( SELECT visible_accounts.account_id
           FROM bateia.visible_accounts)));

ALTER TABLE report.sources OWNER TO bateia_owner;

ALTER TABLE ONLY bateia.identities ATTACH PARTITION bateia.identities_default DEFAULT;

ALTER TABLE ONLY bateia.prospects ATTACH PARTITION bateia.prospects_default DEFAULT;

ALTER TABLE ONLY bateia.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY bateia.accounts
    ADD CONSTRAINT accounts_slug_key UNIQUE (slug);

ALTER TABLE ONLY bateia.aliases
    ADD CONSTRAINT aliases_pkey PRIMARY KEY (account_id, alias_id);

ALTER TABLE ONLY bateia.analysts
    ADD CONSTRAINT analysts_pkey PRIMARY KEY (role_name, account_id);

ALTER TABLE ONLY bateia.apart
    ADD CONSTRAINT apart_pkey PRIMARY KEY (account_id, prospect_id, other_id, import_id);

ALTER TABLE ONLY bateia.before_images
    ADD CONSTRAINT before_images_pkey PRIMARY KEY (account_id, import_id, prospect_id);

ALTER TABLE ONLY bateia.code_texts
    ADD CONSTRAINT code_texts_pkey PRIMARY KEY (code, locale);

ALTER TABLE ONLY bateia.connections
    ADD CONSTRAINT connections_account_id_folded_key UNIQUE (account_id, folded);

ALTER TABLE ONLY bateia.connections
    ADD CONSTRAINT connections_connection_id_key UNIQUE (connection_id);

ALTER TABLE ONLY bateia.connections
    ADD CONSTRAINT connections_pkey PRIMARY KEY (account_id, connection_id);

ALTER TABLE ONLY bateia.dataset_files
    ADD CONSTRAINT dataset_files_pkey PRIMARY KEY (account_id, import_id, dataset, key);

ALTER TABLE ONLY bateia.decisions
    ADD CONSTRAINT decisions_pkey PRIMARY KEY (account_id, decision_id);

ALTER TABLE ONLY bateia.distributions
    ADD CONSTRAINT distributions_pkey PRIMARY KEY (account_id, folded);

ALTER TABLE ONLY bateia.draws
    ADD CONSTRAINT draws_pkey PRIMARY KEY (account_id, prospect_id, folded);

ALTER TABLE ONLY bateia.drops
    ADD CONSTRAINT drops_pkey PRIMARY KEY (account_id, bucket, key, version);

ALTER TABLE ONLY bateia.erasure_imports
    ADD CONSTRAINT erasure_imports_pkey PRIMARY KEY (account_id, erasure_id, import_id);

ALTER TABLE ONLY bateia.erasure_rows
    ADD CONSTRAINT erasure_rows_pkey PRIMARY KEY (account_id, erasure_id, import_id, "row");

ALTER TABLE ONLY bateia.erasure_work
    ADD CONSTRAINT erasure_work_pkey PRIMARY KEY (erasure_id);

ALTER TABLE ONLY bateia.erasures
    ADD CONSTRAINT erasures_erasure_id_key UNIQUE (erasure_id);

ALTER TABLE ONLY bateia.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (account_id, erasure_id);

ALTER TABLE ONLY bateia.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (account_id, event_id);

ALTER TABLE ONLY bateia.exports
    ADD CONSTRAINT exports_pkey PRIMARY KEY (account_id, export_id);

ALTER TABLE ONLY bateia.field_definitions
    ADD CONSTRAINT field_definitions_pkey PRIMARY KEY (account_id, name);

ALTER TABLE ONLY bateia.forgotten_rows
    ADD CONSTRAINT forgotten_rows_pkey PRIMARY KEY (account_id, import_id, "row");

ALTER TABLE ONLY bateia.identities
    ADD CONSTRAINT identities_pkey PRIMARY KEY (account_id, key);

ALTER TABLE ONLY bateia.identities_default
    ADD CONSTRAINT identities_default_pkey PRIMARY KEY (account_id, key);

ALTER TABLE ONLY bateia.import_columns
    ADD CONSTRAINT import_columns_pkey PRIMARY KEY (account_id, import_id, "position");

ALTER TABLE ONLY bateia.import_stages
    ADD CONSTRAINT import_stages_pkey PRIMARY KEY (account_id, import_id, stage, attempt);

ALTER TABLE ONLY bateia.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (account_id, import_id);

ALTER TABLE ONLY bateia.issue_counts
    ADD CONSTRAINT issue_counts_pkey PRIMARY KEY (account_id, import_id, code, severity);

ALTER TABLE ONLY bateia.issues
    ADD CONSTRAINT issues_pkey PRIMARY KEY (account_id, import_id, seq);

ALTER TABLE ONLY bateia.leads
    ADD CONSTRAINT leads_pkey PRIMARY KEY (account_id, import_id, "row");

ALTER TABLE ONLY bateia.lists
    ADD CONSTRAINT lists_account_id_folded_key UNIQUE (account_id, folded);

ALTER TABLE ONLY bateia.lists
    ADD CONSTRAINT lists_pkey PRIMARY KEY (account_id, list_id);

ALTER TABLE ONLY bateia.merges
    ADD CONSTRAINT merges_pkey PRIMARY KEY (account_id, import_id, merged_id);

ALTER TABLE ONLY bateia.omie_cursors
    ADD CONSTRAINT omie_cursors_pkey PRIMARY KEY (account_id, import_id);

ALTER TABLE ONLY bateia.omie_lanes
    ADD CONSTRAINT omie_lanes_pkey PRIMARY KEY (key_hash, method);

ALTER TABLE ONLY bateia.omie_schedules
    ADD CONSTRAINT omie_schedules_pkey PRIMARY KEY (connection_id);

ALTER TABLE ONLY bateia.omie_signals
    ADD CONSTRAINT omie_signals_pkey PRIMARY KEY (account_id, connection_id, message_id);

ALTER TABLE ONLY bateia.prospects
    ADD CONSTRAINT prospects_pkey PRIMARY KEY (account_id, prospect_id);

ALTER TABLE ONLY bateia.prospects_default
    ADD CONSTRAINT prospects_default_pkey PRIMARY KEY (account_id, prospect_id);

ALTER TABLE ONLY bateia.resolutions
    ADD CONSTRAINT resolutions_pkey PRIMARY KEY (account_id, import_id, "row", resolved_by);

ALTER TABLE ONLY bateia.row_outcomes
    ADD CONSTRAINT row_outcomes_pkey PRIMARY KEY (account_id, import_id, "row");

ALTER TABLE ONLY bateia.scans
    ADD CONSTRAINT scans_pkey PRIMARY KEY (bucket);

ALTER TABLE ONLY bateia.schema_versions
    ADD CONSTRAINT schema_versions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY bateia.seen_leads
    ADD CONSTRAINT seen_leads_pkey PRIMARY KEY (account_id, lead_import, lead_row, import_id, "row");

ALTER TABLE ONLY bateia.shared_values
    ADD CONSTRAINT shared_values_pkey PRIMARY KEY (account_id, k1, decided_at);

ALTER TABLE ONLY bateia.snapshots
    ADD CONSTRAINT snapshots_pkey PRIMARY KEY (account_id, snapshot_id);

ALTER TABLE ONLY bateia.source_records
    ADD CONSTRAINT source_records_pkey PRIMARY KEY (account_id, connection_id, record_id);

ALTER TABLE ONLY bateia.sources
    ADD CONSTRAINT sources_account_id_kind_system_name_instance_key UNIQUE (account_id, kind, system, name, instance);

ALTER TABLE ONLY bateia.sources
    ADD CONSTRAINT sources_pkey PRIMARY KEY (account_id, source_id);

ALTER TABLE ONLY bateia.suppressions
    ADD CONSTRAINT suppressions_pkey PRIMARY KEY (account_id, key_id, hash);

ALTER TABLE ONLY bateia.tags
    ADD CONSTRAINT tags_account_id_folded_key UNIQUE (account_id, folded);

ALTER TABLE ONLY bateia.tags
    ADD CONSTRAINT tags_pkey PRIMARY KEY (account_id, tag_id);

ALTER TABLE ONLY bateia.work
    ADD CONSTRAINT work_pkey PRIMARY KEY (import_id, phase);

CREATE INDEX imports_open ON bateia.imports USING btree (state, created_at) WHERE (state = ANY (ARRAY['received'::text, 'planning'::text, 'ready'::text, 'applying'::text]));

CREATE INDEX omie_schedules_due ON bateia.omie_schedules USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX resolutions_by_answer ON bateia.resolutions USING btree (account_id, resolved_by, by_row);

CREATE INDEX work_open ON bateia.work USING btree (not_before) WHERE (state <> 'done'::text);

ALTER INDEX bateia.identities_pkey ATTACH PARTITION bateia.identities_default_pkey;

ALTER INDEX bateia.prospects_pkey ATTACH PARTITION bateia.prospects_default_pkey;

ALTER TABLE ONLY bateia.analysts
    ADD CONSTRAINT analysts_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id) ON DELETE CASCADE;

ALTER TABLE ONLY bateia.apart
    ADD CONSTRAINT apart_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.connections
    ADD CONSTRAINT connections_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.dataset_files
    ADD CONSTRAINT dataset_files_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.decisions
    ADD CONSTRAINT decisions_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.distributions
    ADD CONSTRAINT distributions_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.draws
    ADD CONSTRAINT draws_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.drops
    ADD CONSTRAINT drops_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.erasure_work
    ADD CONSTRAINT erasure_work_account_id_erasure_id_fkey FOREIGN KEY (account_id, erasure_id) REFERENCES bateia.erasures(account_id, erasure_id) ON DELETE CASCADE;

ALTER TABLE ONLY bateia.erasures
    ADD CONSTRAINT erasures_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.events
    ADD CONSTRAINT events_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.exports
    ADD CONSTRAINT exports_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.field_definitions
    ADD CONSTRAINT field_definitions_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.imports
    ADD CONSTRAINT imports_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.imports
    ADD CONSTRAINT imports_account_id_source_id_fkey FOREIGN KEY (account_id, source_id) REFERENCES bateia.sources(account_id, source_id);

ALTER TABLE ONLY bateia.lists
    ADD CONSTRAINT lists_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.omie_cursors
    ADD CONSTRAINT omie_cursors_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.omie_schedules
    ADD CONSTRAINT omie_schedules_account_id_connection_id_fkey FOREIGN KEY (account_id, connection_id) REFERENCES bateia.connections(account_id, connection_id) ON DELETE CASCADE;

ALTER TABLE ONLY bateia.omie_signals
    ADD CONSTRAINT omie_signals_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.resolutions
    ADD CONSTRAINT resolutions_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.shared_values
    ADD CONSTRAINT shared_values_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.snapshots
    ADD CONSTRAINT snapshots_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.source_records
    ADD CONSTRAINT source_records_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.sources
    ADD CONSTRAINT sources_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.suppressions
    ADD CONSTRAINT suppressions_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.tags
    ADD CONSTRAINT tags_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

ALTER TABLE ONLY bateia.work
    ADD CONSTRAINT work_account_id_fkey FOREIGN KEY (account_id) REFERENCES bateia.accounts(account_id);

CREATE POLICY account ON bateia.aliases USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.apart USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.before_images USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.connections USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.dataset_files USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.decisions USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.distributions USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.draws USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.drops USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.erasure_imports USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.erasure_rows USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.erasures USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.events USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.exports USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.field_definitions USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.forgotten_rows USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.identities USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.import_columns USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.import_stages USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.imports USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.issue_counts USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.issues USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.leads USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.lists USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.merges USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.omie_cursors USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.omie_signals USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.prospects USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.resolutions USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.row_outcomes USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.seen_leads USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.shared_values USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.snapshots USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.source_records USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.sources USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.suppressions USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

CREATE POLICY account ON bateia.tags USING ((account_id = bateia.current_account())) WITH CHECK ((account_id = bateia.current_account()));

ALTER TABLE bateia.aliases ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.apart ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.before_images ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.connections ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.dataset_files ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.decisions ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.distributions ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.draws ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.drops ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.erasure_imports ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.erasure_rows ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.erasures ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.events ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.exports ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.field_definitions ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.forgotten_rows ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.identities ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.import_columns ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.import_stages ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.imports ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.issue_counts ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.issues ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.leads ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.lists ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.merges ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.omie_cursors ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.omie_signals ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.prospects ENABLE ROW LEVEL SECURITY;

CREATE POLICY report ON bateia.aliases FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

CREATE POLICY report ON bateia.connections FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

CREATE POLICY report ON bateia.identities FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

CREATE POLICY report ON bateia.import_columns FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

CREATE POLICY report ON bateia.import_stages FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

CREATE POLICY report ON bateia.imports FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

CREATE POLICY report ON bateia.issue_counts FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

CREATE POLICY report ON bateia.issues FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

CREATE POLICY report ON bateia.leads FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

CREATE POLICY report ON bateia.lists FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

CREATE POLICY report ON bateia.merges FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

CREATE POLICY report ON bateia.prospects FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

CREATE POLICY report ON bateia.resolutions FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

CREATE POLICY report ON bateia.row_outcomes FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

CREATE POLICY report ON bateia.seen_leads FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

CREATE POLICY report ON bateia.sources FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

CREATE POLICY report ON bateia.tags FOR SELECT TO bateia_owner USING ((account_id = ANY (ARRAY( SELECT visible_accounts.account_id
   FROM bateia.visible_accounts))));

ALTER TABLE bateia.resolutions ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.row_outcomes ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.seen_leads ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.shared_values ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.snapshots ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.source_records ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.sources ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.suppressions ENABLE ROW LEVEL SECURITY;

ALTER TABLE bateia.tags ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA bateia TO bateia_worker;

GRANT USAGE ON SCHEMA report TO bateia_worker;
GRANT USAGE ON SCHEMA report TO bateia_analyst;

REVOKE ALL ON FUNCTION bateia.analyze_state() FROM PUBLIC;
GRANT ALL ON FUNCTION bateia.analyze_state() TO bateia_worker;

REVOKE ALL ON FUNCTION bateia.drop_history(history text, month text, part text) FROM PUBLIC;
GRANT ALL ON FUNCTION bateia.drop_history(history text, month text, part text) TO bateia_worker;

REVOKE ALL ON FUNCTION bateia.ensure_history(id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION bateia.ensure_history(id bigint) TO bateia_worker;

GRANT USAGE ON SEQUENCE bateia.import_seq TO bateia_worker;

REVOKE ALL ON FUNCTION bateia.open_refusals(account integer, import bigint, of_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION bateia.open_refusals(account integer, import bigint, of_code text) TO bateia_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE bateia.accounts TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.aliases TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.apart TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.before_images TO bateia_worker;

GRANT SELECT ON TABLE bateia.code_texts TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.connections TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.dataset_files TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.decisions TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.distributions TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.draws TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.drops TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.erasure_imports TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.erasure_rows TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.erasure_work TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.erasures TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.events TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.exports TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.field_definitions TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.forgotten_rows TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.identities TO bateia_worker;

GRANT INSERT ON TABLE bateia.identities_default TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.import_columns TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.import_stages TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.imports TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.issue_counts TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.issues TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.leads TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.lists TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.merges TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.omie_cursors TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.omie_lanes TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.omie_schedules TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.omie_signals TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.prospects TO bateia_worker;

GRANT INSERT ON TABLE bateia.prospects_default TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.resolutions TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.row_outcomes TO bateia_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE bateia.scans TO bateia_worker;

GRANT SELECT ON TABLE bateia.schema_versions TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.seen_leads TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.shared_values TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.snapshots TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.source_records TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.sources TO bateia_worker;

GRANT SELECT ON TABLE bateia.statements TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.suppressions TO bateia_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bateia.tags TO bateia_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE bateia.work TO bateia_worker;

GRANT SELECT ON TABLE report.accounts TO bateia_analyst;
GRANT SELECT ON TABLE report.accounts TO bateia_worker;

GRANT SELECT ON TABLE report.codes TO bateia_analyst;
GRANT SELECT ON TABLE report.codes TO bateia_worker;

GRANT SELECT ON TABLE report.connections TO bateia_analyst;
GRANT SELECT ON TABLE report.connections TO bateia_worker;

GRANT SELECT ON TABLE report.daily TO bateia_analyst;
GRANT SELECT ON TABLE report.daily TO bateia_worker;

GRANT SELECT ON TABLE report.field_lineage TO bateia_analyst;
GRANT SELECT ON TABLE report.field_lineage TO bateia_worker;

GRANT SELECT ON TABLE report.funnel TO bateia_analyst;
GRANT SELECT ON TABLE report.funnel TO bateia_worker;

GRANT SELECT ON TABLE report.identities TO bateia_analyst;
GRANT SELECT ON TABLE report.identities TO bateia_worker;

GRANT SELECT ON TABLE report.import_columns TO bateia_analyst;
GRANT SELECT ON TABLE report.import_columns TO bateia_worker;

GRANT SELECT ON TABLE report.import_stages TO bateia_analyst;
GRANT SELECT ON TABLE report.import_stages TO bateia_worker;

GRANT SELECT ON TABLE report.imports TO bateia_analyst;
GRANT SELECT ON TABLE report.imports TO bateia_worker;

GRANT SELECT ON TABLE report.issue_counts TO bateia_analyst;
GRANT SELECT ON TABLE report.issue_counts TO bateia_worker;

GRANT SELECT ON TABLE report.issues TO bateia_analyst;
GRANT SELECT ON TABLE report.issues TO bateia_worker;

GRANT SELECT ON TABLE report.leads TO bateia_analyst;
GRANT SELECT ON TABLE report.leads TO bateia_worker;

GRANT SELECT ON TABLE report.merges TO bateia_analyst;
GRANT SELECT ON TABLE report.merges TO bateia_worker;

GRANT SELECT ON TABLE report.prospects TO bateia_analyst;
GRANT SELECT ON TABLE report.prospects TO bateia_worker;

GRANT SELECT ON TABLE report.quality TO bateia_analyst;
GRANT SELECT ON TABLE report.quality TO bateia_worker;

GRANT SELECT ON TABLE report.rows TO bateia_analyst;
GRANT SELECT ON TABLE report.rows TO bateia_worker;

GRANT SELECT ON TABLE report.sources TO bateia_analyst;
GRANT SELECT ON TABLE report.sources TO bateia_worker;
