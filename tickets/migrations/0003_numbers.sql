-- A customer whose number is not known has none.

alter table cti.ticket alter column customer_number drop not null;
