//! Every case of the suite, by topic.

suite! { $
    claims {
        a_claim_says_all_of_its_issue, an_issue_has_one_owner, asking_again_gets_the_same_claim, one_of_sixty_four_at_once,
        many_issues_contended_at_once, one_agent_sixteen_times_at_once, a_caller_that_hangs_up_leaves_nothing_half_done,
        a_released_issue_can_be_taken_anew,
    }
    clocks {
        an_hour_ahead_for_a_moment_heals, a_year_ahead_for_a_moment_heals, an_hour_behind_for_a_moment_heals,
        a_year_behind_for_a_moment_heals, an_hour_back_for_good_is_gone_on_from, a_year_back_for_good_is_gone_on_from,
        work_due_in_a_wrong_future_is_done_on_time, a_process_that_only_read_a_wrong_time_forgets_it,
        five_minutes_back_are_waited_out, health_tells_how_the_clock_went,
    }
    clock_jumps {
        an_hour_ahead_for_good_is_gone_on_from, a_year_ahead_for_good_makes_nothing_stale_before_the_timeout,
        an_agent_active_after_a_jump_is_not_stale, staleness_from_a_wrong_clock_is_undone_once,
        a_night_in_which_nothing_ran_is_no_silence, feedback_waits_for_its_author_whatever_the_clock_does,
        nothing_is_trimmed_for_an_hour_after_a_jump,
    }
    future_times {
        a_row_from_2199_moves_no_watermark_and_hides_nothing, a_delivery_from_the_future_applies_until_the_next_one,
        a_new_issue_from_the_future_is_known_and_can_change, a_fetch_overrides_deliveries_up_to_a_minute_older,
        a_list_does_not_override_like_a_fetch, a_minute_ahead_still_counts_by_githubs_own_clock, a_pull_request_from_the_future_is_refetched,
        feedback_from_the_future_can_be_edited,
    }
    freshness {
        an_unknown_repository_is_asked_for, an_unknown_issue_is_asked_for, evidence_older_than_a_minute_is_refetched,
        a_full_sync_refreshes_every_row_of_its_repository, without_github_the_mirror_is_used,
        a_closed_issue_is_for_nobody, an_issue_asked_for_is_known_as_closed, a_pull_request_is_no_issue,
        a_withheld_issue_is_always_refetched,
    }
    candidates {
        evidence_older_than_a_minute_is_refetched_before_next, the_age_is_the_operators,
        an_invisible_candidate_is_skipped, without_github_the_mirrors_candidate_is_given,
        others_candidates_are_passed_over_while_there_are_more,
    }
    full_sync {
        a_full_reading_leaves_its_time, disagreements_are_counted, the_mirror_counts_as_github_does,
        open_rows_come_the_longest_unheard_first, rows_missing_from_a_full_sync_stay_unchanged,
        a_failure_is_reported_since_its_first_time, a_failed_repository_list_has_no_repository,
        a_sync_that_read_nothing_is_no_success, a_flood_of_failures_is_bounded,
    }
    dependencies {
        a_number_of_blockers_alone_blocks, what_github_lists_replaces_the_number, the_last_blocker_frees_in_its_transaction,
        a_thousand_dependents_at_once, closed_and_reopened_again, one_edge_told_twice_is_one, a_removed_edge_frees_and_is_asked_about,
        blockers_in_other_repositories, a_hidden_blocker_is_counted, a_blocker_that_went_is_asked_about,
        a_closed_blocker_that_was_never_mirrored, children_keep_their_parent_back, a_child_tells_of_its_parent,
        parents_may_be_offered, a_reopened_issue_counts_anew, a_held_dependent_is_not_queued, circles_are_told_once,
        edges_that_cannot_be_seen_are_due_again,
    }
    dependency_graph {
        prove_a_graph_of_dependencies_is_worked_off_in_its_order,
    }
    pull_edges {
        an_open_pull_request_keeps_its_issue_back, a_list_shows_that_it_is_open_no_more, a_merge_that_left_the_issue_open_keeps_it_back,
        a_claim_that_ended_as_done_is_not_handed_out_again,
        a_strangers_pull_request_keeps_nobody_back_where_strangers_are_not_trusted, types_and_fields_count,
        an_archived_repositorys_issues_are_for_nobody,
    }
    trust {
        a_stranger_waits_for_a_label, an_answer_without_the_issue_leaves_its_author_trusted, an_authors_issue_elsewhere_leaves_the_trust_in_a_dependent,
        an_edit_voids_an_approval, a_new_writer_frees_and_a_former_one_does_not,
        auto_trusts_anyone_in_private_repositories, the_owner_needs_no_question, strangers_issues_are_refused_by_number_too,
        changed_trust_is_judged_anew, held_back_feedback_is_for_people, withdrawn_feedback_is_not_held,
        the_credentials_own_user_is_no_person,
    }
    next_issue {
        it_comes_with_its_issue, rank_comes_before_age_and_age_before_number, repositories_share_one_order,
        filters_hold_all_at_once, a_confined_caller_gets_what_it_may_see, only_what_is_ready_is_given,
        nothing_eligible_changes_nothing, a_released_issue_goes_back_to_its_place, fifty_agents_at_once_get_fifty_issues,
        eighty_agents_at_once_share_fifty_issues, concurrent_filters_all_get_an_issue,
    }
    unsynced {
        an_empty_store_knows_of_no_repository, a_repository_never_polled_is_asked_for, only_where_the_agent_looks_must_be_polled,
        repositories_not_offered_need_no_poll,
    }
    claim_transitions {
        the_whole_table, a_heartbeat_changes_only_last_updated, only_its_own_agent_moves_a_claim,
        an_id_that_was_never_given_is_not_found, a_claim_out_of_sight_is_not_found,
        an_ended_claim_says_how_it_ended_and_who_has_the_issue, a_released_issue_is_offered_again,
        an_issue_reported_closed_is_not_offered, a_claims_time_never_goes_back,
    }
    pulls {
        submitted_needs_one, one_given_earlier_counts, a_move_that_is_not_allowed_sets_none, a_pull_request_url_added_with_a_heartbeat_is_recorded,
        an_unparsable_pull_request_url_is_kept, a_pull_request_outside_the_scope_is_not_followed,
    }
    staleness {
        two_hours_make_a_claim_stale_and_not_a_moment_less, a_heartbeat_keeps_a_claim,
        a_claim_that_waits_on_its_pull_request_has_a_week, a_stale_claim_returns_straight_to_where_it_was,
        a_stale_claim_stays_unless_it_is_configured, a_stale_claim_is_released_where_it_is_configured,
        six_hundred_claims_take_two_sweeps,
    }
    holdings {
        the_oldest_claims_and_the_followups_are_told, a_stale_claim_is_told_with_when_it_went_stale,
    }
    signs_of_life {
        each_goes_stale_exactly_when_it_was_silent_for_long, a_call_is_a_sign_once_a_minute,
        a_heartbeat_without_a_session_is_for_what_is_in_none, a_push_to_its_pull_request_is_a_sign,
        a_batch_of_a_sign_and_a_status_keeps_both, what_is_stale_for_an_hour_may_be_taken_over_and_not_before,
    }
    sessions {
        another_live_session_is_told_and_gets_another_issue, a_second_sessions_status_call_is_refused,
        ten_minutes_of_silence_are_enough, an_ended_session_is_over_at_once, without_sessions_nothing_differs,
        take_over_moves_the_claim, sessions_are_not_told_apart_where_it_is_switched_off,
        feedback_goes_to_the_session_that_holds, agents_and_sessions_are_listed_and_forgotten,
    }
    sessions_over {
        what_a_session_left_is_given_back_with_its_last_note, a_session_that_is_heard_again_keeps_its_claims,
        the_clients_word_counts_whichever_end_comes_first, a_second_word_does_not_begin_the_grace_anew,
        without_a_grace_nothing_is_given_back,
    }
    notices {
        each_session_hears_once, ten_at_a_time_the_oldest_first, ones_own_act_is_none,
        the_session_that_took_over_is_not_told_and_the_other_is, a_session_that_held_nothing_is_not_told,
        a_caller_who_does_not_see_the_repository_is_not_told, what_another_agent_took_over_is_told, a_closed_issue_is_told,
        ended_feedback_is_told, a_day_later_it_is_told_no_more, after_a_restart_and_on_two_handles_once,
    }
    retention {
        the_latest_ended_claims_are_kept, none_are_kept_where_none_are_wanted, events_are_kept_for_a_week_and_their_places_for_ever,
        answers_are_remembered_for_a_day, a_sweep_with_nothing_to_do_says_so,
    }
    mirror {
        rows_are_kept_as_github_gives_them, an_unknown_repository_is_asked_for, an_older_response_is_ignored,
        an_issue_never_seen_open_is_not_kept, opened_and_closed_issues_are_counted, a_closed_issue_closes_its_claim,
        a_row_that_stands_twice_counts_once, a_stale_claim_is_closed_too, silence_closes_nothing, an_active_claim_follows_its_issue,
        a_new_label_moves_an_issue_in_the_queue, a_validator_lives_as_long_as_what_it_validates, a_run_of_the_sync_is_told,
    }
    readiness {
        an_issue_without_reasons_is_ready, an_assigned_issue_is_not_handed_out, labels_keep_an_issue_back, all_reasons_are_kept,
        a_claim_by_number_is_warned, changed_settings_judge_anew, a_closed_issue_is_listed_nowhere,
    }
    readiness_histories {
        prove_next_gives_what_has_no_reason_and_leaves_nothing,
    }
    attempts {
        an_issue_given_back_is_not_offered_to_its_agent_for_an_hour, another_agent_gets_it_at_once,
        by_number_it_is_given_in_the_cooldown, a_thousand_cooldowns_do_not_hide_the_next_issue,
        work_that_was_begun_is_an_attempt, a_merge_is_no_attempt, five_quick_releases_pause_an_agent,
        a_slow_release_between_counts_anew, an_automatic_release_is_an_attempt, attempts_are_kept_for_ninety_days,
    }
    parks {
        the_third_attempt_parks_the_issue, each_outcome_parks_but_gave_up, an_edit_on_github_ends_a_park, a_bots_edit_ends_no_park,
        where_authors_must_write_a_strangers_comment_ends_no_park,
        a_parked_issue_that_is_closed_and_reopened_is_offered, a_person_parks_an_issue_and_its_claim_stays,
        a_claim_is_given_with_its_history, a_followup_is_given, a_persons_comment_ends_a_park_and_an_agents_does_not,
    }
    routes {
        an_issue_with_a_route_goes_to_its_agents_alone, the_first_turn_of_all_lanes_is_served,
        a_label_and_a_setting_move_an_issue_to_another_lane, what_waits_longer_overtakes_a_better_priority,
        what_had_piled_up_is_served_by_priority, without_aging_priorities_alone_count, the_older_of_one_priority_comes_first_wherever_it_is,
        an_agent_asks_for_types, a_batch_serves_agents_of_several_lanes,
    }
    halts {
        everything_is_paused_and_resumed, draining_still_gives_feedback, a_paused_repository_makes_way, a_paused_agent_alone_waits,
        a_full_agent_gets_no_issue_but_feedback, claims_that_wait_on_their_pull_request_do_not_count, a_full_repository_makes_way,
        commands_of_one_batch_keep_the_limits, bound_keys_halt_nothing,
    }
    repo_policies {
        labels_and_types_of_a_repository_narrow, the_last_good_policy_holds, a_change_is_judged_page_by_page,
        a_repository_limits_its_claims, the_longer_cooldown_holds, its_own_words_order_its_issues,
        its_own_routes_admit_no_others,
    }
    explain {
        each_counts_once_by_its_first, sums_are_the_mirror, the_oldest_of_each, scope_confines_it, filters_count_what_they_match,
        it_equals_the_readiness_of_each_issue, what_keeps_an_agent_is_told,
    }
    withheld_issues {
        a_holder_is_told_and_keeps_its_claim, it_is_offered_when_github_shows_it_again, an_unmirrored_issue_cannot_be_withheld,
        an_issue_reported_closed_is_withheld_until_the_next_poll, an_issue_reported_closed_is_withheld_until_github_shows_it_open,
        an_issue_reported_closed_and_reopened_is_offered, a_poll_confirms_only_its_own_repository,
        an_issue_with_a_pending_close_is_not_offered,
    }
    repositories {
        facts_are_kept_as_github_gives_them, a_lost_repository_offers_nothing_and_keeps_its_claims,
        an_archived_repository_offers_nothing, an_archived_repositorys_holders_are_told_once, a_poll_leaves_its_marks,
        repositories_are_listed_by_name_with_their_open_issues,
    }
    repository_names {
        a_renamed_repository_is_the_same, an_old_name_filters_the_next_issue, a_name_taken_by_another_is_the_others,
        a_name_left_behind_can_be_taken_by_an_older_one, two_repositories_exchange_their_names, a_list_may_name_one_twice,
    }
    leases {
        one_has_it_and_renews_it, it_runs_out_and_changes_its_number, a_lease_is_released_by_its_holder, leases_are_told_apart_by_name,
        commands_under_a_lost_lease_are_rejected, sixteen_at_once_and_one_has_it,
    }
    idempotency {
        the_same_answer_comes_again, another_request_with_the_key_is_refused, a_refusal_is_not_remembered,
        keys_of_different_callers_are_different, keys_are_compared_byte_by_byte, the_same_key_at_once_is_one_request,
        a_sign_of_life_with_a_key_counts_once, every_change_that_is_asked_for_is_made_once, the_callers_key_is_for_what_was_asked_for,
    }
    transfers {
        the_old_repositorys_delivery_moves_the_claim, the_new_repositorys_delivery_moves_the_claim,
        a_fetch_moves_the_claim, an_existing_claim_at_the_target_stays,
        a_transfer_out_of_sight_notifies_the_holder, an_unclaimed_issue_is_offered_only_at_its_target,
        a_contradictory_transfer_moves_nothing,
    }
    reopened_issues {
        reopened_in_time_the_claim_is_its_agents_again, an_issue_reopened_late_is_free, the_grace_can_be_another_or_none,
        a_claim_ended_by_its_agent_stays_ended, the_current_holder_keeps_the_issue, the_order_of_deliveries_does_not_matter,
    }
    allowed_repos {
        a_bound_name_outlives_a_rename, a_name_that_led_to_a_repository_is_its_own, a_repository_is_found_by_githubs_id,
    }
    outbox {
        a_closed_claim_closes_its_issue_where_it_is_configured, failed_writes_back_off_exponentially, a_completed_write_is_removed,
        the_longest_waiting_comes_first, an_answer_with_a_key_says_what_waits, a_pending_close_is_shown,
        a_write_refused_by_github_is_final, the_tenth_failure_is_the_last, an_issue_that_could_not_be_closed_is_free_when_it_changes,
    }
    outbox_entries {
        a_newer_write_of_a_key_replaces_the_pending_one, a_failed_write_replaces_nothing,
        a_write_goes_to_its_repository_under_the_present_name,
    }
    events {
        the_log_is_read_by_place, the_log_says_where_it_begins, every_change_at_once_has_its_line, a_refusal_logs_no_event,
        a_waiter_for_changes_is_woken, the_log_is_read_in_filtered_pages, a_page_says_what_is_missing,
    }
    latest_events {
        the_log_is_read_backwards, of_an_agent, of_an_issue_and_its_pull_request, trimmed_events_are_gone,
    }
    issue_pages {
        ready_ones_come_in_serving_order, blocked_ones_come_by_their_first_reason, an_agents_list_has_what_is_for_it,
        a_search_finds_words_numbers_and_labels, a_search_says_where_each_stands, lines_say_how_issues_stand,
    }
    attention_rows {
        active_claims_come_page_by_page, a_claim_says_its_client_and_its_feedback, parked_issues_that_nobody_has,
        feedback_that_nobody_takes, writes_that_failed_for_good, the_pull_requests_of_an_issue,
        what_failed_is_tried_again, a_dead_delivery_is_tried_again,
    }
    daily_numbers {
        claims_are_counted_where_they_are_made, a_merge_is_counted_once_with_its_time,
        a_close_by_githubs_word_of_a_claim_with_a_pull_request_is_its_merge, silence_and_answers_are_counted,
        the_queue_is_measured_once_an_hour, numbers_are_kept_for_four_hundred_days,
    }
    queries {
        active_claims_by_every_filter, claims_of_one_moment_go_by_id, ended_claims_page_by_page, ended_claims_by_every_filter,
        active_and_ended_are_never_mixed, health_counts_the_whole,
    }
    encoding {
        texts_of_strangers, texts_of_agents, the_ends_of_numbers,
    }
    concurrent_handles {
        writes_of_one_handle_are_read_by_the_other, an_issue_has_one_owner_among_all, next_gives_distinct_issues_to_all_handles, an_idempotency_key_is_shared_by_all_handles,
        a_lease_is_shared_by_all_handles, concurrent_heartbeats_are_all_applied,
    }
    priority {
        ranks_are_computed_anew, page_by_page_where_there_are_many,
    }
    followup_transitions {
        the_whole_table_by_its_owner, the_whole_table_by_another_agent, other_followups_of_a_held_pull_request_are_reserved,
        an_id_that_was_never_given_is_not_found, one_out_of_sight_is_not_found, a_followups_time_never_goes_back,
        pull_requests_of_one_number_are_told_apart,
    }
    coalescing {
        a_followup_says_all_of_its_event, a_waiting_followup_takes_new_feedback, feedback_during_a_hold_goes_to_a_second_followup,
        a_stale_followup_takes_new_feedback, an_event_is_taken_once, a_poll_and_a_delivery_make_one, one_each_where_it_is_configured,
        text_with_the_agent_marker_creates_no_followup, bot_comments_create_no_followup_where_configured, a_minimal_payload_creates_a_followup,
    }
    followup_queue {
        the_most_urgent_first_and_of_those_the_oldest, open_followups_are_counted_by_status, a_served_followup_is_claimed,
        feedback_comes_before_new_issues, only_the_requested_repository_is_served, followups_by_every_filter, a_key_gets_the_same_followup_again,
    }
    affinity {
        the_authors_agent_comes_first, another_agent_gets_it_after_the_window, the_window_can_be_none,
        another_agent_gets_it_when_the_claim_has_ended, another_agent_gets_it_when_the_claim_is_released,
        another_agent_gets_it_when_the_claim_is_stale, the_older_live_claim_has_affinity,
        the_window_begins_again_when_a_hold_ends, the_holder_of_a_pull_request_gets_its_other_followups,
    }
    contention {
        twenty_agents_at_once_and_never_two_on_one_pull_request, the_same_where_each_event_is_one_followup,
        twenty_agents_at_once_get_twenty_pull_requests, one_of_many_concurrent_agents_gets_it,
    }
    followup_staleness {
        a_day_makes_one_stale_and_not_a_moment_less, a_heartbeat_keeps_it, a_stale_followup_is_free_for_all,
        a_hold_ends_with_its_last_sign_of_life, six_hundred_take_two_sweeps, the_latest_ended_are_kept,
    }
    pushes {
        a_push_resolves_earlier_feedback, a_push_keeps_later_feedback,
        a_push_resolves_only_held_followups_where_configured, a_push_resolves_nothing_where_configured,
        a_push_without_a_time_is_now, a_push_after_a_reopen_resolves_the_rest, one_push_ends_all_that_an_agent_holds,
    }
    resolution {
        a_partial_resolution_does_not_refresh_a_stale_followup, a_merge_ends_everything, a_closing_dismisses_with_the_reason,
        feedback_after_a_reopen_counts, feedback_after_a_reopen_counts_before_the_reopen_is_delivered,
        a_dismissed_review_is_resolved, a_resolved_thread_resolves_its_comments,
        feedback_withdrawn_before_it_arrives_is_resolved, the_end_of_one_ends_the_hold, an_older_snapshot_of_a_pull_request_is_ignored,
        contradictory_evidence_of_one_time_is_refetched,
    }
    growth {
        a_long_history_is_loaded_by_its_end, ended_rows_are_listed_by_status, a_crowd_of_events_is_told_of_in_one_bounded_note,
        a_crowd_is_closed_and_opened_again,
    }
    feedback_edits {
        an_edit_replaces_the_text_that_waits, the_currently_shown_of_two_texts_of_one_second_wins,
        the_newest_text_wins_out_of_order, an_edit_that_adds_text_reopens_answered_feedback,
        a_push_does_not_resolve_feedback_edited_later, done_resolves_the_text_that_was_served, deleted_feedback_ends,
        hidden_feedback_ends_until_it_is_unhidden, an_approval_resolves_its_reviewers_change_requests,
        an_approval_delivered_first_resolves_too, a_dismissal_resolves_the_reviewers_earlier_requests,
        the_priority_comes_from_waiting_feedback, a_review_with_words_is_feedback_where_it_is_configured,
        only_pull_requests_of_claims_where_it_is_configured, the_marker_counts_by_who_opened_the_claims_pull_request,
    }
    suspension {
        closing_suspends_and_reopening_brings_back, answered_feedback_does_not_reopen,
        a_late_close_after_the_reopen_suspends_nothing, a_trimmed_text_is_refetched,
        a_reopened_thread_waits_again, a_merge_of_the_base_answers_nothing, without_feedback_no_commit_is_looked_up,
        a_head_that_is_another_was_pushed_after_the_last_word_on_the_old_one, our_clock_does_not_matter,
        the_end_of_a_claim_ends_the_hold, another_claim_of_the_agent_keeps_the_hold,
    }
    pr_linking {
        closing_keywords_link_a_pull_request_to_the_claim, one_may_close_issues_of_several_claims, closing_keywords_of_an_untrusted_author_do_not_link,
        closing_keywords_added_later_link, a_claim_keeps_the_pull_request_that_it_has, a_merge_moves_a_claim_from_wherever_it_was,
        a_merge_delivered_before_the_open_is_a_merge, a_close_is_reported_and_ends_no_claim,
        a_close_delivered_before_the_open_is_a_close, a_late_delivery_does_not_lower_last_updated, linked_pull_requests_are_polled,
    }
    pr_links {
        a_derived_link_keeps_the_agents_transitions, a_link_by_the_agent_replaces_a_derived_link,
        feedback_makes_no_pull_request_a_claims, one_that_was_there_before_the_claim_is_not_its, githubs_clock_says_what_came_first,
        closing_an_old_one_is_no_opening, a_merge_before_the_claim_counts_for_nothing, a_second_pull_request_is_reported_without_effect,
    }
    pr_link_ends {
        removed_keywords_unlink_a_pull_request, keywords_added_after_the_end_do_not_link,
        a_closed_pull_request_is_replaced_by_the_next, a_closed_pull_request_named_by_the_agent_is_replaced_by_a_newer,
        a_stale_claim_is_as_stale_as_before, a_claim_moved_on_by_its_agent_keeps_its_status, a_merge_is_followed_once,
    }
    pr_names {
        the_other_holder_of_a_pull_request_is_notified, feedback_goes_to_the_claim_whose_issue_it_names,
        an_address_is_understood_in_every_form, fields_missing_from_a_payload_change_nothing,
    }
    polling {
        validators_are_kept_across_deliveries, a_poll_of_an_unknown_pull_request_changes_nothing,
        a_poll_that_finds_nothing_new_changes_nothing, the_holder_of_an_invisible_pull_request_is_notified_until_it_appears,
    }
    issue_deliveries {
        a_new_issue_is_on_offer_at_once, a_claim_follows_its_issue, a_closed_issue_closes_its_claim, a_stale_claim_is_closed_too,
        a_late_close_closes_the_claim_of_that_time, an_unavailable_issue_is_withheld_and_its_holder_notified,
        an_issue_unavailable_before_it_was_known_is_not_offered, contradictory_evidence_of_one_time_is_refetched,
        facts_that_not_every_message_has_contradict_nothing, an_unknown_repository_becomes_known,
    }
    deliveries {
        a_duplicate_changes_nothing, twenty_concurrent_duplicates_have_one_effect, an_ignored_delivery_is_remembered,
        comments_on_issues_are_not_actionable, a_delivery_without_an_id_is_applied_each_time, each_delivery_logs_one_event, a_deferred_delivery_is_retried,
        a_delivery_that_fails_too_often_is_dead, the_oldest_is_tried_first, the_latest_are_remembered,
        a_delivery_outside_the_allowed_repositories_is_ignored, pings_and_access_changes_are_answered, a_burst_at_once_loses_nothing, health_counts_what_is_open,
    }
    repository_webhooks {
        a_renamed_repository_is_the_same, an_unknown_name_is_fetched,
        an_archived_or_deleted_repository_offers_nothing, its_feedback_is_not_offered_and_its_holder_notified,
        a_minimal_payload_needs_only_the_name, a_reused_name_is_resolved_by_id,
    }
    authorization {
        a_key_is_kept_as_it_was_made, a_name_is_one_keys_until_it_is_revoked, a_key_is_revoked_by_id_or_name,
        of_sixteen_with_one_name_at_once_one_is_made, a_sweep_keeps_every_key, the_log_says_by_which_key,
        a_read_only_caller_changes_nothing, a_caller_bound_to_an_agent_acts_only_as_that_agent, health_counts_visible_repositories,
    }
    web_sessions {
        a_code_signs_in_once, of_sixteen_with_one_code_at_once_one_is_signed_in, a_code_is_good_for_a_minute,
        a_session_is_used_and_ended, sessions_that_ended_leave_when_another_begins, codes_are_bounded,
    }
    persons {
        a_claim_that_a_person_releases_is_lost_by_another_hand, feedback_is_dismissed_by_a_person_whoever_has_it,
    }
}
