"""Both sides of what is said with a member: answers, agreements, reviews, the home tab."""
