"""Video files -> video files: frames in, steady colors out, sound and time stamps untouched."""
