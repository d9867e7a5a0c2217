-- Where the file of a recorded conversation lies, and where one is left over that is to be deleted.
-- compatible: 0004

alter table cti.recording add column place text not null default 'directory' constraint recording_place check (place in (
        'directory', 's3'
    ));
alter table cti.recording add column leftover text[] not null default '{}';
create index recording_to_move on cti.recording (started_at, id)
    where kind = 'conversation' and state = 'stored' and place = 'directory';
create index recording_left on cti.recording (id) where leftover <> '{}';

comment on column cti.recording.place is 'Where the file is: directory (that of recordings, of the bridge), s3 (the storage of [recordings.s3]).';
comment on column cti.recording.leftover is 'Places in which a file may lie that is still to be deleted: a copy of before it was moved, or one of a recording that is deleted.';
comment on column cti.recording.file is 'Its name below the directory of recordings, and below the prefix in the storage. Null when there is no file, also none that is left over.';
