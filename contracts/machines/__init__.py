"""Machines that live through long histories of a store: simulations, state machines, lockstep."""
