"""Translate templates of DailyStory into this project's Liquid."""
