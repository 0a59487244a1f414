"""A stack's life by Pulumi's Automation API: opened, changed, guarded and told, in pipelines as on a terminal."""
