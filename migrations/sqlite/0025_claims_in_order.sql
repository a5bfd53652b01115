-- The claims of an agent, oldest first, of which most calls need only the first few.
DROP INDEX claim_agent;
CREATE INDEX claim_agent ON claim (agent_id, claimed_at, claim_id) WHERE status NOT IN ('closed', 'released');
