-- A number that the caller withheld, or that identifies nobody, is null. Calls to emergency services are told apart.

alter table cti.call alter column customer_number drop not null;
alter table cti.call add column emergency boolean not null default false;
