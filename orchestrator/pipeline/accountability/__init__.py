"""What a controller shows an authority: records, outlines, monthly reports."""
