"""What a user brings: CSV columns, mix files, spreadsheets, outside distributions."""
