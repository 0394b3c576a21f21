"""One filter, many forms: Atom, JSON Feed, iCalendar, CSV and CommonGrants. Each module turns the same rows into one of them, purely."""
