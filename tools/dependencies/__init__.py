"""What the project stands on: licences, hashes, known vulnerabilities, the bill of materials; and secrets that leak."""
