-- The epochs that were used stand in one place. Before, the highest was looked for in every table, each with an index for that alone,
-- and a table whose old rows are deleted may have none of it left. A run notes its epoch with its first rows.
--
-- Programs that do not know the table look for the highest in the others. They begin with the clock's where that takes too long.
-- compatible: 0004

create table cti.epoch (epoch bigint primary key, began_at timestamptz not null default now());

do $$
declare highest bigint;
begin
    select greatest(
        (select max(epoch) from cti.agent_state_change), (select max(epoch) from cti.call), (select max(epoch) from cti.call_event),
        (select max(epoch) from cti.offer), (select max(epoch) from cti.frequent_number), (select max(epoch) from cti.login),
        (select max(epoch) from cti.gap)
    ) into highest;
    if highest is not null then insert into cti.epoch (epoch) values (highest); end if;
    -- The tables of tickets are made after those of calls.
    if to_regclass('cti.ticket_event') is not null then
        execute 'insert into cti.epoch (epoch) select max(epoch) from cti.ticket_event having max(epoch) is not null on conflict do nothing';
    end if;
end $$;

drop index cti.agent_state_change_epoch;
drop index cti.call_epoch;
drop index cti.call_event_epoch;
drop index cti.offer_epoch;
drop index cti.login_epoch;
drop index cti.gap_epoch;

-- Events of one kind over time: calls without sound, moves, refusals while a PBX drains.
create index call_event_by_type on cti.call_event (type, at);

comment on table cti.epoch is 'One row for each run of the bridge that has written rows, and one for all before 0.2.';
comment on column cti.epoch.epoch is 'As in call. Its order is that of the runs.';
comment on column cti.epoch.began_at is 'When Postgres took the first rows of the run.';
