-- Opening hours that somebody has set to open or closed by hand: when, until when, and how that ended.
--
-- Programs that do not know the table leave it alone.
-- compatible: 0004

create table cti.hours_override (
    id uuid primary key,
    hours text not null,
    state text not null constraint hours_override_state check (state in ('open', 'closed')),
    until timestamptz,
    by text not null,
    at timestamptz not null,
    ended_at timestamptz,
    ended_why text constraint hours_override_ended_why check (ended_why in ('expired', 'dropped', 'replaced', 'removed', 'lost')),
    ended_by text,
    epoch bigint not null
);

create index hours_override_by_hours on cti.hours_override (hours, at);
create index hours_override_open on cti.hours_override (id) where ended_at is null;

comment on table cti.hours_override is 'One row for each time that opening hours were set to open or closed by hand. ended_at null: it holds.';
comment on column cti.hours_override.id is 'The id of the row.';
comment on column cti.hours_override.hours is 'The opening hours, as in [[hours]].';
comment on column cti.hours_override.state is 'open or closed.';
comment on column cti.hours_override.until is 'The end that was set. Null: none, until somebody ends it.';
comment on column cti.hours_override.by is 'Who has set it: operator.';
comment on column cti.hours_override.at is 'When it was set.';
comment on column cti.hours_override.ended_at is 'When it was over. Null: it holds.';
comment on column cti.hours_override.ended_why is 'expired: its end came; dropped: somebody has ended it; replaced: by another one; removed: the hours are not configured any more; lost: the bridge knows it no more.';
comment on column cti.hours_override.ended_by is 'Who has ended or replaced it. Null: nobody.';
comment on column cti.hours_override.epoch is 'As in call.';
