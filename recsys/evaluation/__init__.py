"""How good: ranking, calibration, and intervals for both."""
