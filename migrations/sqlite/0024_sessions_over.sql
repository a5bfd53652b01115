-- Sessions that their client said are over, whose claims are given back after a while.
CREATE INDEX session_over ON session (ended_at) WHERE ended_how = 'over';
