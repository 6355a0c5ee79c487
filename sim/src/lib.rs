//! Networks in virtual time: hosts with TCP and UDP, wires, and the air between the MACs of `mac`.
