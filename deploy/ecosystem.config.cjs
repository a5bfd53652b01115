// IssueCommand under PM2, for those who run it so today:
//
//   pm2 start deploy/ecosystem.config.cjs        pm2 stop|restart|logs issuecommand
//
// Secrets come from the environment of `pm2 start`, or from .env in the working folder.
module.exports = {
  apps: [
    {
      name: "issuecommand",
      script: process.env.ISSUECOMMAND_BIN || "issuecommand-http",
      // A program, not a script of Node's.
      interpreter: "none",
      exec_mode: "fork",
      instances: 1,
      autorestart: true,
      exp_backoff_restart_delay: 200,
      // SIGINT and SIGTERM both drain; what runs is finished within this.
      kill_timeout: 15000,
      // In public repositories only texts of people with write access, and what they approve, reach agents.
      env: { LOG_FORMAT: "json", READY_AUTHORS: "auto", FEEDBACK_AUTHORS: "auto" },
    },
  ],
};
