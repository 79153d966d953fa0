"""What to do next for one employee: pure decisions over what is on disk and what was last seen at the tracker.

    item        a punch in a lane, as it counts now and as far as its delivery is
    pairing     punches -> intervals: running, a pair, a clock-out alone
    span        how an interval is said in the tracker's times
    compare     is what the tracker holds what we sent?
    plan        the words of a plan: send, look, change, rest
    situation   what is known of a lane when a plan is made
    rule        rules in an order, of which the first that says something decides
    starting    the rules for an interval that runs
    stops       the rules for a clock-out that ends a timer, and for one alone
    pairs       the rules for a pair that is sent as a whole
    holds       why a punch is held, and whether that reason is still there
    attendance  the plan for a lane of attendance
    doubt       the plan for what was sent and not answered
    deletion    the plan for what was taken back
    project     the plan for a lane of a project timer
    outcome     what an answer to a write means for the punches it covers

Nothing is remembered from one plan to the next, so a restart at any point goes on from the facts.
"""
