"""The main job, stage by stage. Stages never call each other; they meet in tables."""
