"""The page of keys."""

HELP = """\
Move
  ↑ ↓ ← →  or  k j h l     one row or column
  PgUp PgDn                one screen
  g  G                     first row, last row
  Home End                 first column, last column

Sort, by the column under the cursor
  1  or  s                 the lowest first
  2  or  S                 the highest first
  a                        the original order
  click a heading          the lowest first; again: the highest

Find
  /                        show only rows for which an expression holds, as  loss < 0.5 and x > 0,
                           or that contain a text; Esc shows all again
  n  p                     next and previous match, while there is a filter

Look closer
  Enter, or two clicks     the run: flags, scalars, curve, the end of its output
  Space                    mark the run, or take the mark away
  d                        what differs between the marked runs
  u                        hide columns that are the same in all rows, or show them
  p  or  P                 plot the objective against the column under the cursor

Take away
  e                        write what is shown to a CSV file
  y                        the command that runs the script with these flags

  r                        read the runs again now; they are read again by themselves
  ?  or  F1                this page
  q                        quit
"""
