"""Results written for other tools: tables, data sheets, files."""
