mod bed;
mod carrier_sense;
mod endless;
mod errors;
mod reception;
