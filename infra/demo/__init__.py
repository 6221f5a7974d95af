"""The demo: what a producer, a carrier and an analyst see of Sluice, with every outcome checked."""
