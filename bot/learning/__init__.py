"""What is learned from outcomes: nights, experiments, estimates of what might have been."""
