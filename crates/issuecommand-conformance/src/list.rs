//! Every case of the suite, by what it is about.

suite! { $
    claims {
        a_claim_says_all_of_its_issue, an_issue_has_one_owner, asking_again_gets_the_same_claim, one_of_sixty_four_at_once,
        many_issues_contended_at_once, one_agent_sixteen_times_at_once, a_caller_that_hangs_up_leaves_nothing_half_done,
        a_released_issue_can_be_taken_anew,
    }
    clocks {
        an_hour_ahead_for_a_moment_heals, a_year_ahead_for_a_moment_heals, an_hour_behind_for_a_moment_heals,
        a_year_behind_for_a_moment_heals, an_hour_back_for_good_is_gone_on_from, a_year_back_for_good_is_gone_on_from,
        what_is_due_in_a_wrong_future_is_done_in_time, a_process_that_only_read_a_wrong_time_forgets_it,
        five_minutes_back_are_waited_out, health_tells_how_the_clock_went,
    }
    clock_jumps {
        an_hour_ahead_for_good_is_gone_on_from, a_year_ahead_for_good_makes_nothing_stale_before_the_timeout,
        whoever_speaks_after_a_jump_is_not_stale, what_a_wrong_clock_marked_stale_is_undone_once,
        a_night_in_which_nothing_ran_is_no_silence, feedback_waits_for_its_author_whatever_the_clock_does,
        nothing_is_trimmed_for_an_hour_after_a_jump,
    }
    future_times {
        a_row_from_2199_moves_no_watermark_and_hides_nothing, a_delivery_from_the_future_takes_effect_and_yields_to_the_next_word,
        a_new_issue_from_the_future_is_known_and_can_change, a_direct_look_beats_what_was_heard_a_minute_before_it,
        a_list_is_no_direct_look, a_minute_ahead_still_counts_by_githubs_own_clock, a_pull_request_from_the_future_is_asked_for,
        what_was_said_in_the_future_can_be_edited,
    }
    freshness {
        an_unknown_repository_is_asked_for, an_unknown_issue_is_asked_for, a_word_older_than_a_minute_is_asked_for_again,
        a_full_reading_vouches_for_every_row_of_its_repository, a_silent_github_leaves_the_mirrors_word,
        a_closed_issue_is_for_nobody, an_issue_asked_for_is_known_as_closed, a_pull_request_is_no_issue,
        a_doubted_issue_is_asked_for_however_young_the_doubt,
    }
    candidates {
        a_word_older_than_a_minute_is_asked_for_before_the_issue_is_given, the_age_is_the_operators,
        what_github_does_not_show_makes_way_for_the_next, the_mirrors_word_counts_where_github_cannot_be_asked,
        others_candidates_are_passed_over_while_there_are_more,
    }
    full_sync {
        a_full_reading_leaves_its_time, disagreements_are_counted, the_mirror_counts_as_github_does,
        open_rows_come_the_longest_unheard_first, what_a_full_reading_does_not_show_stays_as_it_is,
        what_fails_is_told_since_it_failed_first, the_list_of_repositories_fails_for_nobody_in_particular,
        a_run_that_read_nothing_is_no_success, a_flood_of_failures_is_bounded,
    }
    next_issue {
        it_comes_with_its_issue, rank_comes_before_age_and_age_before_number, repositories_share_one_order,
        filters_hold_all_at_once, a_confined_caller_gets_what_it_may_see, only_what_is_ready_is_given,
        nothing_to_give_changes_nothing, a_released_issue_goes_back_to_its_place, fifty_agents_at_once_get_fifty_issues,
        eighty_agents_at_once_share_fifty_issues, different_filters_at_once_leave_nobody_out,
    }
    unsynced {
        an_empty_store_knows_of_no_repository, a_repository_never_polled_is_asked_for, only_where_the_agent_looks_must_be_polled,
        what_is_not_offered_need_not_be_polled,
    }
    claim_transitions {
        the_whole_table, a_sign_of_life_moves_the_time_alone, only_its_own_agent_moves_a_claim,
        an_id_that_was_never_given_is_not_found, a_claim_out_of_sight_is_not_found,
        an_ended_claim_says_how_it_ended_and_who_has_the_issue, what_is_given_back_is_on_offer_again,
        what_is_called_closed_is_not_on_offer, a_claims_time_never_goes_back,
    }
    pulls {
        submitted_needs_one, one_given_earlier_counts, a_move_that_is_not_allowed_sets_none, a_new_one_with_a_sign_of_life_is_told,
        one_that_cannot_be_read_is_kept_as_it_is, one_out_of_sight_is_not_followed,
    }
    staleness {
        two_hours_make_a_claim_stale_and_not_a_moment_less, a_sign_of_life_keeps_a_claim,
        a_claim_that_waits_on_its_pull_request_has_a_week, a_stale_claim_returns_straight_to_where_it_was,
        a_stale_claim_stays_unless_it_is_configured, a_stale_claim_is_released_where_it_is_configured,
        six_hundred_claims_take_two_sweeps,
    }
    retention {
        the_latest_ended_claims_are_kept, none_are_kept_where_none_are_wanted, events_are_kept_for_a_week_and_their_places_for_ever,
        answers_are_remembered_for_a_day, a_sweep_with_nothing_to_do_says_so,
    }
    mirror {
        rows_are_kept_as_github_gives_them, an_unknown_repository_is_asked_for, an_older_answer_says_nothing,
        what_was_never_open_here_is_not_kept, what_opened_and_closed_is_counted, a_closed_issue_closes_its_claim,
        a_row_that_stands_twice_counts_once, a_stale_claim_is_closed_too, silence_closes_nothing, an_active_claim_follows_its_issue,
        a_new_label_moves_an_issue_in_the_queue, a_validator_lives_as_long_as_what_it_validates, a_run_of_the_sync_is_told,
    }
    withheld_issues {
        a_holder_is_told_and_keeps_its_claim, it_is_offered_when_github_shows_it_again, what_is_not_in_the_mirror_cannot_be_doubted,
        what_was_called_closed_is_believed_open_after_the_next_poll, what_was_called_closed_is_believed_open_when_github_says_so,
        what_was_called_closed_and_reopened_is_offered, one_poll_believes_in_its_own_repository_alone,
        what_is_being_closed_waits_for_the_closing,
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
        one_has_it_and_renews_it, it_runs_out_and_changes_its_number, it_is_given_back_by_who_has_it, leases_are_told_apart_by_name,
        what_is_done_under_a_lost_lease_is_not_done, sixteen_at_once_and_one_has_it,
    }
    idempotency {
        the_same_answer_comes_again, another_request_with_the_key_is_refused, a_no_is_not_remembered,
        keys_of_different_callers_are_different, keys_are_compared_byte_by_byte, the_same_key_at_once_is_one_request,
        a_sign_of_life_with_a_key_counts_once,
    }
    transfers {
        the_claim_goes_along_by_the_old_repositorys_word, the_claim_goes_along_by_the_new_repositorys_word,
        the_claim_goes_along_by_a_look, a_claim_there_stays_and_the_holder_here_is_told,
        out_of_sight_the_holder_is_told_the_address, one_that_nobody_has_is_offered_at_its_new_place_alone,
        an_end_that_contradicts_itself_moves_nothing,
    }
    reopened_issues {
        reopened_in_time_the_claim_is_its_agents_again, reopened_late_it_is_anybodys, the_grace_can_be_another_or_none,
        what_its_agent_ended_stays_ended, who_has_it_meanwhile_keeps_it, the_order_of_deliveries_does_not_matter,
    }
    allowed_repos {
        a_bound_name_outlives_a_rename, a_name_that_led_to_a_repository_is_its_own, a_repository_is_found_by_githubs_id,
    }
    outbox {
        a_closed_claim_closes_its_issue_where_it_is_configured, what_failed_is_tried_again_later_and_later, what_is_done_is_gone,
        the_longest_waiting_comes_first, an_answer_with_a_key_says_what_waits, what_is_being_closed_says_so,
        what_github_refuses_is_final, the_tenth_failure_is_the_last, an_issue_that_could_not_be_closed_is_free_when_it_changes,
    }
    events {
        the_log_is_read_by_place, the_log_says_where_it_begins, every_change_at_once_has_its_line, a_no_leaves_no_line,
        who_waits_for_a_change_is_woken,
    }
    queries {
        active_claims_by_every_filter, claims_of_one_moment_go_by_id, ended_claims_page_by_page, ended_claims_by_every_filter,
        active_and_ended_are_never_mixed, health_counts_the_whole,
    }
    encoding {
        texts_of_strangers, texts_of_agents, the_ends_of_numbers,
    }
    concurrent_handles {
        what_one_writes_the_other_reads, an_issue_has_one_owner_among_all, the_next_issue_is_another_for_all, a_key_is_known_to_all,
        a_lease_is_one_for_all, signs_of_life_at_once_are_all_taken,
    }
    priority {
        ranks_are_computed_anew, page_by_page_where_there_are_many,
    }
    followup_transitions {
        the_whole_table_by_its_owner, the_whole_table_by_a_stranger, another_of_the_same_pull_request_is_kept_for_who_has_it,
        an_id_that_was_never_given_is_not_found, one_out_of_sight_is_not_found, a_followups_time_never_goes_back,
        pull_requests_of_one_number_are_told_apart,
    }
    coalescing {
        a_followup_says_all_of_its_event, what_waits_takes_what_comes, what_comes_while_it_is_held_gathers_in_a_second,
        what_is_stale_takes_what_comes, an_event_is_taken_once, a_poll_and_a_delivery_make_one, one_each_where_it_is_configured,
        what_agents_wrote_makes_none, what_bots_say_makes_none_where_it_is_configured, a_thin_payload_will_do,
    }
    followup_queue {
        the_most_urgent_first_and_of_those_the_oldest, what_is_open_is_counted_by_status, what_is_given_is_taken,
        feedback_comes_before_new_issues, only_where_the_agent_looks, followups_by_every_filter, a_key_gets_the_same_followup_again,
    }
    affinity {
        the_authors_agent_comes_first, a_stranger_gets_it_after_the_window, the_window_can_be_none,
        a_stranger_gets_it_at_once_when_the_claim_has_ended, a_stranger_gets_it_at_once_when_the_claim_is_given_back,
        a_stranger_gets_it_at_once_when_the_claim_is_stale, of_two_claims_the_older_that_is_alive_is_its_author,
        the_window_begins_again_when_a_hold_ends, who_holds_a_pull_request_gets_the_rest_of_it,
    }
    contention {
        twenty_agents_at_once_and_never_two_on_one_pull_request, the_same_where_each_event_is_one_followup,
        twenty_agents_at_once_get_twenty_pull_requests, many_who_take_one_at_once_and_one_gets_it,
    }
    followup_staleness {
        a_day_makes_one_stale_and_not_a_moment_less, a_sign_of_life_keeps_it, a_stale_one_is_anybodys,
        a_hold_ends_with_its_last_sign_of_life, six_hundred_take_two_sweeps, the_latest_ended_are_kept,
    }
    pushes {
        a_push_ends_what_was_said_before_it, a_push_leaves_what_was_said_after_it,
        a_push_ends_only_what_is_held_where_it_is_configured, a_push_ends_nothing_where_it_is_configured,
        a_push_whose_time_is_not_told_is_now, a_push_after_a_reopening_ends_what_is_left, one_push_ends_all_that_an_agent_holds,
    }
    resolution {
        a_part_of_a_stale_one_is_no_news_of_its_age, a_merge_ends_everything, a_closing_dismisses_with_the_reason,
        what_is_said_after_a_reopening_counts, what_is_said_after_a_reopening_counts_also_before_that_is_told,
        a_dismissed_review_is_no_longer_asked_for, a_resolved_thread_is_no_longer_asked_for,
        what_is_withdrawn_before_it_is_seen_is_over, the_end_of_one_ends_the_hold, an_older_word_on_a_pull_request_says_nothing,
        two_words_of_one_time_are_githubs_to_settle,
    }
    growth {
        a_long_history_is_loaded_by_its_end, what_ended_is_listed_by_its_status, a_crowd_of_events_is_told_of_in_one_bounded_note,
        a_crowd_is_closed_and_opened_again,
    }
    feedback_edits {
        an_edit_replaces_the_text_that_waits, of_two_texts_of_one_second_the_one_that_github_shows_counts,
        the_newest_text_counts_though_it_comes_first, what_was_answered_asks_again_when_an_edit_adds_text,
        a_push_does_not_answer_what_was_edited_after_it, an_agent_answers_the_text_that_it_was_given, what_is_deleted_ends,
        what_is_hidden_ends_until_it_is_shown_again, an_approval_ends_what_its_reviewer_asked_for,
        an_approval_that_is_told_first_counts_as_well, a_dismissal_ends_what_its_reviewer_asked_for_before,
        the_most_urgent_is_what_still_waits, a_review_with_words_is_feedback_where_it_is_configured,
        only_pull_requests_of_claims_where_it_is_configured, the_marker_counts_by_who_opened_the_claims_pull_request,
    }
    suspension {
        closing_suspends_and_reopening_brings_back, what_was_answered_does_not_come_back,
        a_closing_told_after_the_reopening_suspends_nothing, a_text_that_is_kept_no_longer_is_asked_for,
        a_thread_that_is_opened_again_asks_again, a_merge_of_the_base_answers_nothing, without_feedback_no_commit_is_looked_up,
        a_head_that_is_another_was_pushed_after_the_last_word_on_the_old_one, our_clock_does_not_matter,
        the_end_of_a_claim_ends_the_hold, another_claim_of_the_agent_keeps_the_hold,
    }
    pr_linking {
        the_words_of_its_text_make_it_the_claims, one_may_close_issues_of_several_claims, a_strangers_words_make_it_nobodys,
        words_added_later_count, a_claim_keeps_the_pull_request_that_it_has, a_merge_moves_a_claim_from_wherever_it_was,
        a_merge_told_before_the_opening_is_a_merge, a_closing_is_told_and_ends_no_claim,
        a_closing_told_before_the_opening_is_a_closing, a_late_word_does_not_make_a_claim_older, what_is_linked_is_polled,
    }
    pr_links {
        its_agent_goes_where_it_could_have_gone_before, what_its_agent_names_takes_the_place_of_what_was_derived,
        feedback_makes_no_pull_request_a_claims, one_that_was_there_before_the_claim_is_not_its, githubs_clock_says_what_came_first,
        closing_an_old_one_is_no_opening, a_merge_before_the_claim_counts_for_nothing, a_second_one_is_told_and_moves_nothing,
    }
    pr_link_ends {
        one_whose_words_go_away_is_no_longer_the_claims, words_that_come_after_the_end_count_for_nothing,
        one_that_is_closed_gives_way_to_the_next, one_of_its_agent_that_is_closed_gives_way_to_a_newer,
        a_stale_claim_is_as_stale_as_before, an_agent_that_went_on_is_left_where_it_is, a_merge_is_followed_once,
    }
    pr_names {
        who_has_the_same_pull_request_is_told, feedback_goes_to_the_claim_whose_issue_it_names,
        an_address_is_understood_in_every_form, what_a_payload_leaves_out_says_nothing,
    }
    polling {
        validators_are_kept_and_outlive_news, a_poll_of_what_is_unknown_leaves_nothing,
        a_poll_that_finds_nothing_new_changes_nothing, whose_pull_request_is_not_shown_is_told_until_it_is,
    }
    issue_deliveries {
        a_new_issue_is_on_offer_at_once, a_claim_follows_its_issue, a_closed_issue_closes_its_claim, a_stale_claim_is_closed_too,
        a_closing_told_late_closes_the_claim_that_was_there, what_is_gone_is_off_and_its_holder_is_told,
        what_is_gone_before_it_was_known_is_not_on_offer, two_words_of_one_time_are_githubs_to_settle,
        an_unknown_repository_becomes_known,
    }
    deliveries {
        a_second_time_changes_nothing, the_same_twenty_times_at_once_has_one_effect, what_is_ignored_is_remembered_too,
        one_without_an_id_is_taken_each_time, each_leaves_its_line, what_failed_is_kept_and_tried_again,
        what_fails_too_often_is_dead_and_can_be_seen, the_oldest_is_tried_first, the_latest_are_remembered,
        what_is_not_allowed_here_is_ignored, what_is_neither_is_answered, a_burst_at_once_loses_nothing, health_counts_what_is_open,
    }
    repository_webhooks {
        a_renamed_repository_is_the_same, a_name_that_was_never_heard_is_asked_for,
        an_archived_or_deleted_repository_offers_nothing, its_feedback_is_not_offered_and_its_holder_is_told,
        of_a_thin_payload_the_name_is_enough, a_name_that_is_anothers_now_is_told_by_its_id,
    }
    authorization {
        a_key_is_kept_as_it_was_made, a_name_is_one_keys_until_it_is_revoked, a_key_is_revoked_by_id_or_name,
        of_sixteen_with_one_name_at_once_one_is_made, a_sweep_keeps_every_key, the_log_says_by_which_key,
        who_may_only_look_changes_nothing, who_is_one_agent_acts_as_that_agent_alone, health_counts_what_is_in_sight,
    }
}
