-- What supervisors and the machine's operator do, and who hears recordings.
--
-- Programs that do not know the table leave it alone.
-- compatible: 0004

create table cti.audit (
    id uuid primary key,
    at timestamptz not null,
    who text not null,
    from_address text,
    what text not null,
    object text not null,
    detail jsonb not null default '{}',
    epoch bigint not null
);

create index audit_by_time on cti.audit (at);
create index audit_by_object on cti.audit (object, at);

comment on table cti.audit is 'One row for each act of a supervisor or of the machine''s operator, and for each recording that somebody hears or takes along. It is written before the act is answered. It holds no number of a customer, and no text that somebody has written.';
comment on column cti.audit.id is 'The id of the row.';
comment on column cti.audit.at is 'When it was done.';
comment on column cti.audit.who is 'Who has done it: a CTI ID, or operator.';
comment on column cti.audit.from_address is 'The address that the request came from. Null: it is not known.';
comment on column cti.audit.what is 'logout: of an agent. hours_set, hours_dropped: opening hours by hand. emergency_on, emergency_off: the emergency switch of a service. recording_played, recording_downloaded: a recording; requests of one person for the same recording within a minute are one play.';
comment on column cti.audit.object is 'What it was done to: a CTI ID, or the id of opening hours, a service, or a recording.';
comment on column cti.audit.detail is 'What was set: state and until of opening hours; message and until of an emergency (message null: the prepared one; until null: without end).';
comment on column cti.audit.epoch is 'As in call.';
