//! CloudWatch Logs on this machine, over the log files that builds and deployments write.
