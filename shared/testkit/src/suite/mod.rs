//! Conformance suites: what every ledger, queue, key service and keeper of paces must do, one test per sentence.
//!
//! ```ignore
//! testkit::ledger_tests!(async || (Arc::new(MemoryLedger::default()), ()));
//! ```
//! The factory makes an empty subject, and beside it whatever must live as long (a directory, say). With
//! `#[ignore = "why"]` before it, the tests run only when they are asked for.
#![expect(clippy::unwrap_used, reason = "a suite is a test: it ends at the first thing that is wrong")]

pub mod around;
pub mod audit;
pub mod claims;
pub mod figures;
pub mod heard;
pub mod jobs;
pub mod keys;
pub mod lists;
pub mod notices;
pub mod queue;
pub mod records;
pub mod slices;

/// Makes one `#[tokio::test]` per case of a suite.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance {
    (@one [$($attribute:tt)*] $suite:ident, $factory:expr, $case:ident) => {
        $($attribute)*
        #[tokio::test]
        async fn $case() {
            let (subject, _kept) = ($factory)().await;
            $crate::suite::$suite::$case(subject).await;
        }
    };
    ($attributes:tt $suite:ident, $factory:expr, $($case:ident)*) => {
        $($crate::conformance! { @one $attributes $suite, $factory, $case })*
    };
}

/// Makes the tests that a ledger must pass.
#[macro_export]
macro_rules! ledger_tests {
    (#[ignore = $reason:literal] $factory:expr) => {
        $crate::ledger_tests! { @ [#[ignore = $reason]] $factory }
    };
    (@ $attributes:tt $factory:expr) => {
        $crate::conformance! { $attributes claims, $factory,
            an_unknown_export_is_made_by_an_event_and_by_nothing_else
            a_live_lease_refuses_and_one_that_ran_out_does_not
            a_claim_repeated_by_its_own_run_is_the_same_claim
            of_many_claims_at_once_exactly_one_wins
            a_retry_is_claimed_when_it_is_due
            a_due_message_of_an_earlier_claim_is_superseded
            what_a_hold_waits_for_releases_it_and_nothing_else_does
            a_skipped_or_expired_export_goes_when_the_plan_says_so
            a_dismissed_export_goes_only_by_hand_or_with_new_content
            a_delivered_export_is_reopened_by_newer_content_only
            a_dead_export_stays_dead
            two_ends_without_a_record_allow_only_a_claim_alone
            a_claim_that_writes_is_in_doubt_until_a_record_says_otherwise
            a_claim_adds_what_it_knows
        }
        $crate::conformance! { $attributes records, $factory,
            finishing_stores_all_but_the_shared_part
            a_run_that_lost_its_claim_writes_nothing
            renewing_moves_the_lease_of_the_run_that_holds_it
            an_arrival_counts_once
            an_arrival_leaves_the_newest_revision_noted
            a_decision_needs_the_record_it_was_made_on
            an_order_is_leased_to_one_export_at_a_time
            a_due_time_is_moved_by_one_of_those_who_saw_it
            due_entries_come_oldest_first_and_only_what_wants_attention
            waiting_exports_come_by_reason_in_the_order_of_their_ids
        }
        $crate::conformance! { $attributes lists, $factory,
            exports_are_listed_newest_first_in_pages_that_never_overlap
            every_filter_narrows_and_all_of_them_together_mean_all_of_them
            filters_follow_what_changes
            nothing_crosses_between_tenants
            counts_say_what_is_there
            a_cursor_that_is_not_ours_is_refused
        }
        $crate::conformance! { $attributes around, $factory,
            everything_lies_beside_its_order
            a_finding_lies_beside_its_order_and_is_written_version_by_version
            a_later_read_of_an_order_stays
            a_newer_version_of_a_document_stays_and_may_move_to_another_order
            parcels_merge_what_was_ever_read
            parcels_are_asked_for_until_they_are_at_their_end
            connections_are_written_by_version
            circuits_are_written_by_version
            polling_states_and_jobs_are_kept_as_written
        }
        $crate::conformance! { $attributes notices, $factory,
            the_same_thing_is_told_once
            the_same_thing_is_told_anew_after_its_quiet_time
            a_notice_is_taken_by_one_of_those_who_saw_it
            notice_settings_are_written_by_version
        }
        $crate::conformance! { $attributes figures, $factory,
            what_a_word_names_is_found_wherever_it_lies
            what_begins_with_a_word_is_found_where_the_store_says_so
            what_happened_is_counted_by_the_hour_once
        }
        $crate::conformance! { $attributes audit, $factory,
            what_was_done_is_listed_newest_first_in_pages
            an_entry_ends_once_and_changes_by_nothing_else
            the_trail_is_narrowed_by_what_it_is_about_and_by_whom
            the_trail_of_a_year_goes_on_from_month_to_month
            what_is_too_old_is_not_listed
        }
        $crate::conformance! { $attributes heard, $factory,
            the_last_events_of_a_source_come_newest_first_each_once
            of_many_events_the_newest_stay
        }
        $crate::conformance! { $attributes jobs, $factory,
            jobs_are_listed_newest_first_each_once
            jobs_that_run_are_found_until_they_end
            exports_are_found_by_the_things_they_are_about
        }
    };
    ($factory:expr) => {
        $crate::ledger_tests! { @ [] $factory }
    };
}

/// Makes the tests that a ledger must pass besides which has an index of every export.
#[macro_export]
macro_rules! whole_ledger_tests {
    ($factory:expr) => {
        $crate::conformance! { [] lists, $factory,
            what_is_under_way_is_listed_counted_and_due
        }
    };
}

/// Makes the tests that a queue must pass.
#[macro_export]
macro_rules! queue_tests {
    (#[ignore = $reason:literal] $factory:expr) => {
        $crate::queue_tests! { @ [#[ignore = $reason]] $factory }
    };
    (@ $attributes:tt $factory:expr) => {
        $crate::conformance! { $attributes queue, $factory,
            a_message_arrives_as_it_was_sent
            a_delayed_message_rests_until_its_time
            a_message_that_is_not_deleted_comes_again
            a_deleted_message_is_gone
            a_message_given_back_rests_and_comes_again
            a_receipt_counts_for_its_own_receive_only
            a_busy_group_does_not_starve_another
            a_receive_takes_no_more_than_asked_for
            each_message_goes_to_one_of_many_receivers
            what_is_too_large_or_too_late_is_refused_whole
            a_dead_copy_is_kept_once_per_claim_until_exhumed
            depth_counts_what_waits_and_what_is_in_flight
            the_age_is_that_of_the_message_due_for_longest
        }
    };
    ($factory:expr) => {
        $crate::queue_tests! { @ [] $factory }
    };
}

/// Makes the tests that a key service must pass.
#[macro_export]
macro_rules! keys_tests {
    (#[ignore = $reason:literal] $factory:expr) => {
        $crate::keys_tests! { @ [#[ignore = $reason]] $factory }
    };
    (@ $attributes:tt $factory:expr) => {
        $crate::conformance! { $attributes keys, $factory,
            a_secret_opens_as_it_was_sealed
            a_secret_opens_only_where_it_was_sealed
            what_was_not_sealed_does_not_open
        }
    };
    ($factory:expr) => {
        $crate::keys_tests! { @ [] $factory }
    };
}

/// Makes the tests that a keeper of shared paces must pass.
#[macro_export]
macro_rules! slices_tests {
    (#[ignore = $reason:literal] $factory:expr) => {
        $crate::slices_tests! { @ [#[ignore = $reason]] $factory }
    };
    (@ $attributes:tt $factory:expr) => {
        $crate::conformance! { $attributes slices, $factory,
            calls_are_handed_out_in_their_rhythm
            a_slice_is_as_long_as_asked_for_and_never_long
            no_call_is_handed_out_twice
            what_the_vendor_told_closes_for_everybody
            connections_and_tenants_do_not_share
            a_time_that_cannot_be_is_not_waited_for
        }
    };
    ($factory:expr) => {
        $crate::slices_tests! { @ [] $factory }
    };
}
