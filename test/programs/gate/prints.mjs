console.log('only this');
