"""The quiz: which of two pictures of a scene has its true colors?"""
