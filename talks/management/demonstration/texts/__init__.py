"""What was said in the demonstration: invented sentences, combined so that no two talks are alike."""
