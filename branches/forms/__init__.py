"""Shape of what is typed about organisations, departments and working days, and of workbooks sent."""
